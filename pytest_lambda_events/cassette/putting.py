"""One file, written. The law: whenever its writer dies, the file is what it was before, or whole and new.

It is written under another name in the same folder, brought to the disk and put in its place in one step.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from os import open as descriptor_of
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["put"]

_ABANDONED_NS: Final = 3_600 * 10**9


def put(target: Path, content: bytes) -> None:
    """Write a file in one step, in the place of what was there. Errors: `OSError`."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with draft.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        _clear(draft, target.name)
        draft.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _clear(draft: Path, name: str) -> None:
    """Remove drafts of writers that died. One that is younger than an hour may be somebody's who is writing now."""
    now = draft.stat().st_mtime_ns
    form = re.compile(rf"\.{re.escape(name)}\.[0-9a-f]{{16}}\.tmp")
    for other in draft.parent.iterdir():
        if form.fullmatch(other.name) is not None:
            with contextlib.suppress(OSError):  # another writer was faster
                if now - other.stat().st_mtime_ns > _ABANDONED_NS:
                    other.unlink()


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk, too, where a folder can be opened for it (not on Windows)."""
    with contextlib.suppress(OSError):
        descriptor = descriptor_of(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
