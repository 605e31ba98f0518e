"""Realistic tasks of S3 Batch Operations, from nothing but a key. The law: ids as long and as opaque as real ones."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.batch_task import S3BatchTask
from pytest_lambda_events.model.records import payload_text

if TYPE_CHECKING:
    import random

    from pytest_lambda_events.identifiers import Identifiers

__all__ = ["ID_PREFIX", "VERSION_ID", "make_invocation_id", "make_task", "object_key"]

ID_PREFIX: Final = (1).to_bytes(8, "big")
"""What every id begins with: as base64, `AAAAAAAAAA` (recorded on AWS)."""

VERSION_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,1024}")
"""S3 User Guide, "Version IDs": URL-ready, opaque, no more than 1,024 bytes long."""

_MOST_KEY_BYTES: Final = 1024  # S3 User Guide, "Naming Amazon S3 objects"
# recorded on AWS: a taskId has 900 to 1,300 characters, an invocationId about 2,000
_TASK_BYTES: Final = (675, 960)
_INVOCATION_BYTES: Final = (1_470, 1_530)


def object_key(payload: Any) -> str:
    """The key that a payload is: text, bytes of UTF-8, or JSON in the place of a key.

    S3 User Guide, "Providing task-level information in Lambda manifests": a manifest may have an object of JSON for a
    key. Errors: `UsageError` for other types, and for what S3 takes as no key.
    """
    if not isinstance(payload, (str, bytes, Mapping, list)):
        raise UsageError(
            f"a key is text, or an object of JSON in the place of a key, and this is a {type(payload).__name__}: "
            f"{payload!r:.80}"
        )
    key = payload_text(payload)
    try:
        size = len(key.encode())
    except UnicodeEncodeError as error:
        raise UsageError(f"a key that is not valid UTF-8: {error}") from None
    if not 1 <= size <= _MOST_KEY_BYTES:
        raise UsageError(f"a key of {size} bytes: S3's have from 1 to {_MOST_KEY_BYTES} bytes in UTF-8 ({key!r:.60})")
    return key


def make_task(
    key: str, *, identifiers: Identifiers, bucket: str, version_id: Any = None, purpose: str = "task"
) -> S3BatchTask:
    """The task of an object; `purpose` names the stream of its id. Errors: `UsageError` for what is no version's id."""
    if version_id is not None and not (isinstance(version_id, str) and VERSION_ID.fullmatch(version_id)):
        raise UsageError(
            f"version_id={version_id!r:.80} is no version's id: 1 to 1,024 letters, digits, '.', '_' and '-', or None "
            "for an object whose version the manifest does not name"
        )
    return S3BatchTask(
        id=_opaque(identifiers.stream(purpose), *_TASK_BYTES), key=key, bucket=bucket, version_id=version_id
    )


def make_invocation_id(identifiers: Identifiers, purpose: str = "invocation") -> str:
    """The id of one invocation; a task that is tried again has another one."""
    return _opaque(identifiers.stream(purpose), *_INVOCATION_BYTES)


def _opaque(dice: random.Random, least: int, most: int) -> str:
    return b64encode(ID_PREFIX + dice.randbytes(dice.randint(least, most) - len(ID_PREFIX))).decode("ascii")
