"""The manifest of a job: which objects it lists. The law: pure; bytes in, objects out; what S3 cannot read fails the
job (`ManifestProblem`), as it does on AWS.

Two formats. A CSV (S3BatchOperations_CSV_20180820) has no header; its columns are bucket, URL-encoded key and perhaps
version, or what `fields` says; versions stand in every row or in none. An inventory (S3InventoryReport_CSV_20161130) is
S3 Inventory's manifest.json with the CSV files that it names, gzipped or not.

Rules: S3 User Guide, "Creating an S3 Batch Operations job", "Troubleshooting S3 Batch Operations"
(InvalidManifestContent), "Locating your inventory list", and "Converting empty version ID strings in Amazon S3
Inventory reports to null strings". AWS does not say how a key spells a blank: both `+` and `%20` are one.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import zlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote_to_bytes

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.sources.s3_batch.make import VERSION_ID
from pytest_lambda_events.sources.s3_batch.request import read_bucket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "CSV_FORMAT",
    "INVENTORY_FORMAT",
    "Listed",
    "ManifestProblem",
    "check_fields",
    "is_inventory",
    "manifest_location",
    "read_csv",
    "read_inventory",
]

CSV_FORMAT: Final = "S3BatchOperations_CSV_20180820"
INVENTORY_FORMAT: Final = "S3InventoryReport_CSV_20161130"

_FIELDS: Final = ("Ignore", "Bucket", "Key", "VersionId")
_REQUIRED: Final = ("Bucket", "Key")
_USUAL_FIELDS: Final = {2: ("Bucket", "Key"), 3: ("Bucket", "Key", "VersionId")}
_LOCATION: Final = re.compile(r"(?:s3://|arn:aws[a-z-]*:s3:::)(?P<bucket>[^/]+)/(?P<key>.+)", re.DOTALL)
_MALFORMED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MOST_KEY_BYTES: Final = 1024
_MOST_REASON: Final = 256  # S3 API Reference, JobFailure
_BOM: Final = b"\xef\xbb\xbf"


class Listed(NamedTuple):
    """An object of a manifest. `spelling` is the key as the manifest has it, which the report repeats.

    `version_id` is None where the manifest has no versions, and "" for an object whose version an inventory leaves
    empty: S3 fails its task.
    """

    bucket: str
    key: str
    spelling: str
    version_id: str | None


class ManifestProblem(Exception):
    """S3 cannot read the manifest: the job fails with this FailureCode and FailureReason."""

    def __init__(self, reason: str, code: str = "InvalidManifestContent") -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason[:_MOST_REASON]


def manifest_location(reference: Any) -> tuple[str, str]:
    """Bucket and key of a manifest's URI or ARN. Errors: `UsageError`."""
    match = _LOCATION.fullmatch(reference) if isinstance(reference, str) else None
    if match is None:
        raise UsageError(
            f"manifest={reference!r:.200} names no object: write s3://bucket/key or arn:aws:s3:::bucket/key, and put "
            "the manifest there with boto3 first"
        )
    return match["bucket"], match["key"]


def is_inventory(key: str) -> bool:
    """Whether a manifest is S3 Inventory's, which is always called manifest.json."""
    return key.rpartition("/")[2] == "manifest.json"


def check_fields(fields: Sequence[str] | None) -> None:
    """Errors: `UsageError` for what are no Fields of a JobManifestSpec."""
    if fields is None:
        return
    for name in fields:
        if name not in _FIELDS:
            raise UsageError(f"fields: {name!r}{nearest(str(name), _FIELDS)}: a column is one of {', '.join(_FIELDS)}")
    for name in _FIELDS[1:]:
        if fields.count(name) > 1 or (name in _REQUIRED and name not in fields):
            raise UsageError(f"fields={list(fields)!r}: Bucket and Key each once, VersionId at most once")


# -- CSV ---------------------------------------------------------------------------------------------------------------


def read_csv(body: bytes, fields: Sequence[str] | None, schema: str) -> tuple[list[Listed], tuple[str, ...]]:
    """The objects of a CSV, and what its columns are; without `fields` that is told by their number.

    Errors: `ManifestProblem`.
    """
    rows = list(_rows(body, "the manifest"))
    columns = tuple(fields) if fields is not None else _USUAL_FIELDS.get(len(rows[0]) if rows else 2, ())
    if not columns:
        raise ManifestProblem(
            f"Required fields are missing in the schema: row 1 has {len(rows[0])} column(s), which are not Bucket, Key "
            "and VersionId; say what they are with fields=[...]"
        )
    bucket, key = columns.index("Bucket"), columns.index("Key")
    version = columns.index("VersionId") if "VersionId" in columns else None
    listed = []
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            raise ManifestProblem(
                f"Manifest file is not properly formatted: row {number} has {len(row)} column(s), not {len(columns)}"
            )
        one = _listed(row[bucket], row[key], None if version is None else row[version], f"row {number}", schema)
        if one.version_id == "":
            raise ManifestProblem(
                f"Invalid version ID format: row {number} has none; a manifest has versions in every row or in none"
            )
        listed.append(one)
    return listed, columns


def _rows(body: bytes, what: str) -> Iterator[list[str]]:
    if body.startswith(_BOM):
        raise ManifestProblem(f"Manifest file is not properly formatted: {what} begins with a byte order mark")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ManifestProblem(f"Manifest file is not properly formatted: {what} is not UTF-8: {error}") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise ManifestProblem(
            f"Manifest file is not properly formatted: {what}, line {reader.line_num}: {error}"
        ) from None


def _listed(bucket: str, spelling: str, version_id: str | None, where: str, schema: str) -> Listed:
    try:
        read_bucket(bucket, schema)
    except UsageError as error:
        raise ManifestProblem(f"Invalid Manifest Content: {where}: {error}") from None
    raw = unquote_to_bytes(spelling.replace("+", " "))
    try:
        key = raw.decode("utf-8")
    except UnicodeDecodeError:
        key = ""
    if not key or len(raw) > _MOST_KEY_BYTES or _MALFORMED.search(spelling):
        raise ManifestProblem(
            f"Invalid object key format: {where}: {spelling!r:.80} is no URL-encoded key of 1 to {_MOST_KEY_BYTES} "
            "bytes"
        )
    if version_id and VERSION_ID.fullmatch(version_id) is None:
        raise ManifestProblem(f"Invalid version ID format: {where}: {version_id!r:.80}")
    return Listed(bucket, key, spelling, version_id)


# -- inventory ---------------------------------------------------------------------------------------------------------


def read_inventory(
    body: bytes, checksum: bytes | None, get_object: Callable[[str, str], bytes | None], schema: str
) -> list[Listed]:
    """The objects of an inventory: `body` is its manifest.json, `checksum` the manifest.checksum beside it if there is
    one; `get_object` gives an object by bucket and key. Errors: `ManifestProblem`.
    """
    if checksum is not None and checksum.decode("ascii", "replace").strip() != _md5(body):
        raise ManifestProblem("Invalid Manifest Content: manifest.checksum is not the MD5 of manifest.json")
    bucket, columns, files = _inventory(body)
    version = columns.index("VersionId") if "VersionId" in columns else None
    listed = []
    for key, md5 in files:
        for number, row in enumerate(_rows(_file(get_object(bucket, key), bucket, key, md5), key), 1):
            where = f"{key}, row {number}"
            if len(row) != len(columns):
                raise ManifestProblem(
                    f"Manifest file is not properly formatted: {where} has {len(row)} column(s), fileSchema "
                    f"{len(columns)}"
                )
            found = None if version is None else row[version]
            listed.append(_listed(row[columns.index("Bucket")], row[columns.index("Key")], found, where, schema))
    return listed


def _inventory(body: bytes) -> tuple[str, list[str], list[tuple[str, str | None]]]:
    """The bucket of the files, their columns, and each file's key with its MD5."""
    try:
        manifest = json.loads(body)
        file_format, file_schema = manifest["fileFormat"], manifest["fileSchema"]
        bucket = manifest["destinationBucket"].rpartition(":")[2]
        files = [(one["key"], one.get("MD5checksum")) for one in manifest["files"]]
        columns = [name.strip() for name in file_schema.split(",")]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestProblem(
            "Manifest file is not properly formatted: no manifest.json of S3 Inventory "
            f"({type(error).__name__}: {error})"
        ) from None
    if file_format != "CSV":
        raise ManifestProblem(f"Manifest file is not properly formatted: fileFormat is {file_format!r:.80}, not CSV")
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        raise ManifestProblem(f"Required fields are missing in the schema: {', '.join(missing)}")
    return bucket, columns, files


def _file(body: bytes | None, bucket: str, key: str, md5: str | None) -> bytes:
    if body is None:
        raise ManifestProblem(f"Invalid Manifest Content: there is no file s3://{bucket}/{key}")
    if md5 is not None and md5 != _md5(body):
        raise ManifestProblem(f"Invalid Manifest Content: MD5checksum of {key} is {md5!r:.80}, not {_md5(body)}")
    if not key.endswith(".gz"):
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise ManifestProblem(f"Manifest file is not properly formatted: {key} is not gzipped: {error}") from None


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
