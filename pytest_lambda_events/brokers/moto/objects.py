"""Objects in moto's S3: read, listed, put. The law: moto's own path, so that the user's boto3 sees the same objects;
moto's S3 is used where it is loaded and never imported, because who loaded no `moto.s3` has no bucket.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

__all__ = ["StoredObject", "bucket_exists", "get_object", "list_keys", "put_object"]


class StoredObject(NamedTuple):
    """An object's current version; `etag` is without quotes."""

    body: bytes
    etag: str


def bucket_exists(bucket: str) -> bool:
    """Whether moto has a bucket of this name, in any account."""
    return _backend(bucket) is not None


def get_object(bucket: str, key: str) -> StoredObject | None:
    """The object, None when there is no such bucket or object."""
    backend = _backend(bucket)
    found = None if backend is None else backend.get_object(bucket, key)
    return None if found is None else StoredObject(found.value, found.etag.strip('"'))


def list_keys(bucket: str) -> list[str]:
    """The keys of a bucket's objects, sorted; none when there is no such bucket."""
    backend = _backend(bucket)
    if backend is None:
        return []
    found, *_ = backend.list_objects(backend.get_bucket(bucket), None, None, None, None)
    return [one.name for one in found]


def put_object(bucket: str, key: str, body: bytes) -> bool:
    """Put an object; the bucket's notifications tell of it. False, and nothing put, when there is no such bucket."""
    backend = _backend(bucket)
    if backend is None:
        return False
    backend.put_object(bucket, key, body)
    return True


def _backend(bucket: str) -> Any:
    """The backend of the account that owns a bucket, None when nobody has it."""
    backends = getattr(sys.modules.get("moto.s3.models"), "s3_backends", None)
    partition, account = (None, None) if backends is None else backends.bucket_accounts.get(bucket, (None, None))
    return None if account is None else backends[account][partition]  # type: ignore[index]
