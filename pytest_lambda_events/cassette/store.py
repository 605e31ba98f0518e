"""Cassettes on disk. The law: a cassette is absent or whole, whenever its writer dies; a broken one is never missing.

Each file is put in its place in one step (`putting`). Lines come before the cassette that names them, and the lines of
the version before it go last.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.cassette.codec import decode, encode, lines_named, tree_of
from pytest_lambda_events.cassette.json_text import TooMuch
from pytest_lambda_events.cassette.putting import put
from pytest_lambda_events.errors import CassetteBroken, CassetteError, CassetteMissing, CassetteTooLarge, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.cassette.model import Cassette

__all__ = ["MAX_BYTES", "content_of", "lines_beside", "load", "write"]

MAX_BYTES: Final = 10 * 1024 * 1024
"""How large a cassette may be, its lines included: a file that people commit, and enough for an event of 6 MB."""

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}\.json")
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def load(path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> Cassette:
    """Read a cassette.

    Errors: `CassetteMissing`, `CassetteBroken`, `CassetteTooLarge`; `CassetteError` for what cannot be read.
    """
    file = Path(path)
    while True:
        data = content_of(file, max_bytes)
        try:
            return decode(data, str(file), lines_beside(file, max_bytes - len(data)))
        except CassetteBroken:
            # another process may have put a new cassette there, and removed the lines of this one
            if content_of(file, max_bytes) == data:
                raise


def write(
    cassette: Cassette, path: str | os.PathLike[str], *, overwrite: bool = False, max_bytes: int = MAX_BYTES
) -> list[Path]:
    """Write a cassette; the files that it is now. Whether there is a secret in it, `save` asks, not this.

    `overwrite` replaces a cassette, and nothing that is none. Errors: `UsageError` for a name that not every system
    takes; `CassetteError` for a file that is there or a folder that cannot be written; `CassetteTooLarge`.
    """
    file = Path(path)
    _check_name(file)
    before = _replaced(file, max_bytes, overwrite=overwrite)
    try:
        text, lines = encode(cassette, file.stem)
    except TooMuch as error:
        raise CassetteTooLarge(f"{file} is not written: {error}, more than a cassette may have") from None
    contents = {file.parent / lines[0]: lines[1]} if lines is not None else {}
    contents[file] = text
    encoded = {target: content.encode("utf-8") for target, content in contents.items()}
    size = sum(map(len, encoded.values()))
    if size > max_bytes:
        raise CassetteTooLarge(
            f"{file} is not written: it would have {size:,} bytes, and {max_bytes:,} are the most. Capture fewer "
            "records, drop bodies by a rule, or raise max_bytes (--max-bytes)"
        )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        for target, content in encoded.items():
            put(target, content)
        if before is not None and file.parent / before not in encoded:
            (file.parent / before).unlink(missing_ok=True)
    except OSError as error:
        raise CassetteError(f"{file} cannot be written: {error.strerror or error}") from error
    return [file, *(target for target in encoded if target != file)]


def content_of(file: Path, max_bytes: int) -> bytes:
    """The bytes of a plain file, no more than so many. Errors: as `load`."""
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            raise CassetteError(f"{file} is no plain file: a cassette is one")
        with file.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except FileNotFoundError:
        raise CassetteMissing(f"{file}: there is no such cassette; capture one with `lambda-events capture`") from None
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        raise CassetteError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) <= max_bytes:
        return data
    raise CassetteTooLarge(
        f"{file} has {found.st_size:,} bytes, and {max_bytes:,} are the most that are read; is it a cassette? Raise "
        "max_bytes if it is meant to be so large"
    )


def lines_beside(file: Path, most: int) -> Callable[[str], bytes]:
    """What gives the content of the files of lines beside a cassette, no more than so many bytes. Errors: as `load`."""

    def content(name: str) -> bytes:
        other = file.parent / name
        if other.is_symlink():
            raise CassetteBroken(f"{other} is a symbolic link: the lines of a cassette are a file beside it")
        try:
            return content_of(other, most)
        except CassetteMissing:
            raise CassetteBroken(
                f"{file} is half of a cassette: its interactions are in {name}, which is not beside it. Take both from "
                "version control, or capture it anew"
            ) from None

    return content


def _check_name(file: Path) -> None:
    if _NAME.fullmatch(file.name) is None or _DEVICES.fullmatch(file.name) is not None:
        raise UsageError(
            f"{str(file)!r} is no name for a cassette: letters, digits, '_', '-' and '.', with .json at the end, and "
            "none of the names that Windows keeps for devices"
        )


def _replaced(file: Path, max_bytes: int, *, overwrite: bool) -> str | None:
    """The lines of the cassette that is about to be replaced, which go with it; None where they bear another's name.

    Errors: `CassetteError` for what may not be replaced.
    """
    if not os.path.lexists(file):
        return None
    if not overwrite:
        raise CassetteError(f"{file} is there already: choose another name, or say overwrite=True (--force)")
    lines = lines_named(tree_of(content_of(file, max_bytes), str(file)))
    return lines if lines is not None and lines.startswith(f"{file.stem}.") else None
