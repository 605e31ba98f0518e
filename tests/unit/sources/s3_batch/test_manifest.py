"""Manifests: what they list, and everything that S3 could not read (S3 User Guide, "Specifying a manifest")."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.sources.s3_batch.manifest import (
    Listed,
    ManifestProblem,
    check_fields,
    is_inventory,
    manifest_location,
    read_csv,
    read_inventory,
)

VERSION = "PZ9ibn9D5lP6p298B7S9_ceqx1n5EJ0p"
SCHEMA = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size"


def csv_of(text: str | bytes, fields: Any = None, schema: str = "1.0") -> list[Listed]:
    body = text if isinstance(text, bytes) else text.encode()
    return read_csv(body, fields, schema)[0]


# -- where -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "location"),
    [
        ("s3://jobs/a/b.csv", ("jobs", "a/b.csv")),
        ("arn:aws:s3:::jobs/a/b.csv", ("jobs", "a/b.csv")),
        ("arn:aws-us-gov:s3:::jobs/manifest.json", ("jobs", "manifest.json")),
        ("s3://jobs/a b,c.csv", ("jobs", "a b,c.csv")),
    ],
)
def test_a_manifest_is_named_by_uri_or_arn(reference: str, location: tuple[str, str]) -> None:
    """The key is everything behind the bucket."""
    assert manifest_location(reference) == location


@pytest.mark.parametrize(
    "reference", ["jobs/a.csv", "s3://jobs", "s3://jobs/", "arn:aws:s3:::jobs", "", 7, b"s3://a/b"]
)
def test_what_names_no_object_is_refused(reference: Any) -> None:
    """And it is said how a manifest is named."""
    with pytest.raises(UsageError, match="s3://bucket/key"):
        manifest_location(reference)


def test_an_inventory_is_known_by_its_name() -> None:
    """S3 Inventory's is always called manifest.json."""
    assert is_inventory("a/b/manifest.json")
    assert is_inventory("manifest.json")
    assert not is_inventory("a/my-manifest.json")
    assert not is_inventory("manifest.json/a.csv")


# -- CSV ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("", []),
        ("photos,a.jpg\n", [Listed("photos", "a.jpg", "a.jpg", None)]),
        ("photos,a.jpg", [Listed("photos", "a.jpg", "a.jpg", None)]),
        ("photos,a.jpg\r\nprints,b\r\n", [Listed("photos", "a.jpg", "a.jpg", None), Listed("prints", "b", "b", None)]),
        (f"photos,a.jpg,{VERSION}\n", [Listed("photos", "a.jpg", "a.jpg", VERSION)]),
        ("photos,a.jpg,null\n", [Listed("photos", "a.jpg", "a.jpg", "null")]),
        ('"photos","a.jpg"\n', [Listed("photos", "a.jpg", "a.jpg", None)]),
        ("photos,a%20b%2Cc.jpg\n", [Listed("photos", "a b,c.jpg", "a%20b%2Cc.jpg", None)]),
        ("photos,a+b\n", [Listed("photos", "a b", "a+b", None)]),
        ("photos,100%25\n", [Listed("photos", "100%", "100%25", None)]),
        ("photos,%C3%A9\n", [Listed("photos", "é", "%C3%A9", None)]),
        ("photos,é\n", [Listed("photos", "é", "é", None)]),
        (
            "photos,%7B%22origKey%22%3A%20%22a%22%7D\n",
            [Listed("photos", '{"origKey": "a"}', "%7B%22origKey%22%3A%20%22a%22%7D", None)],
        ),
        ("photos,a\nphotos,a\n", [Listed("photos", "a", "a", None)] * 2),
    ],
)
def test_a_csv_lists_objects(text: str, listed: list[Listed]) -> None:
    """Headerless, URL-encoded, with versions or without; one object twice is two tasks."""
    assert csv_of(text) == listed


def test_fields_say_what_the_columns_are() -> None:
    """In any order, and columns that S3 is to ignore."""
    fields = ["Ignore", "VersionId", "Key", "Bucket", "Ignore"]
    listed, columns = read_csv(f"1,{VERSION},a.jpg,photos,x\n".encode(), fields, "1.0")
    assert listed == [Listed("photos", "a.jpg", "a.jpg", VERSION)]
    assert columns == tuple(fields)
    assert read_csv(b"photos,a\n", None, "1.0")[1] == ("Bucket", "Key")
    assert read_csv(b"photos,a,null\n", None, "1.0")[1] == ("Bucket", "Key", "VersionId")
    assert read_csv(b"", None, "1.0")[1] == ("Bucket", "Key")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (["Bucket", "key"], "did you mean 'Key'"),
        (["Bucket", "Size"], "one of Ignore, Bucket, Key, VersionId"),
        (["Bucket"], "Bucket and Key each once"),
        (["Bucket", "Key", "Key"], "Bucket and Key each once"),
        (["Bucket", "Key", "VersionId", "VersionId"], "VersionId at most once"),
        ([], "Bucket and Key each once"),
    ],
)
def test_fields_are_checked(fields: list[str], said: str) -> None:
    """S3's four names; each of the required ones once."""
    with pytest.raises(UsageError, match=said):
        check_fields(fields)


def test_usual_fields_are_fine() -> None:
    """Given or left out."""
    check_fields(None)
    check_fields(["Bucket", "Key", "Ignore", "Ignore"])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"photos\n", "Required fields are missing in the schema: row 1 has 1 column"),
        (b"photos,a,null,b\n", "Required fields are missing in the schema: row 1 has 4 column"),
        (b"\nphotos,a\n", "Required fields are missing in the schema: row 1 has 0 column"),
        (b"photos,a\nphotos,b,null\n", "Manifest file is not properly formatted: row 2 has 3 column"),
        (b"photos,a\n\nphotos,b\n", "Manifest file is not properly formatted: row 2 has 0 column"),
        (b"photos,a\n\n", "Manifest file is not properly formatted: row 2 has 0 column"),
        (b"\xef\xbb\xbfphotos,a\n", "byte order mark"),
        (b"photos,\xff\n", "is not UTF-8"),
        (b'photos,"a\n', "the manifest, line"),
        (b"Bucket,Key\nphotos,a\n", "Invalid Manifest Content: row 1: bucket='Bucket'"),
        (b",a\n", "Invalid Manifest Content: row 1: bucket=''"),
        (b"photos,\n", "Invalid object key format: row 1: ''"),
        (b"photos,100%\n", "Invalid object key format: row 1: '100%'"),
        (b"photos,%zz\n", "Invalid object key format: row 1"),
        (b"photos,%FF\n", "Invalid object key format: row 1"),
        (b"photos," + b"a" * 1025 + b"\n", "Invalid object key format: row 1"),
        (b"photos,a,null\nphotos,b,\n", "Invalid version ID format: row 2 has none"),
        (b"photos,a,not a version\n", "Invalid version ID format: row 1: 'not a version'"),
    ],
)
def test_what_s3_cannot_read_fails_the_job(body: bytes, reason: str) -> None:
    """FailureCode InvalidManifestContent, and a reason of at most 256 characters that names the row."""
    with pytest.raises(ManifestProblem, match="InvalidManifestContent") as caught:
        csv_of(body)
    assert reason in caught.value.reason
    assert len(caught.value.reason) <= 256


def test_a_directory_bucket_needs_the_newer_schema() -> None:
    """In a manifest as in an event by itself."""
    text = "photos--usw2-az1--x-s3,a\n"
    assert csv_of(text, schema="2.0")[0].bucket == "photos--usw2-az1--x-s3"
    with pytest.raises(ManifestProblem, match="directory bucket"):
        csv_of(text)


@given(body=st.binary(max_size=40) | st.text(alphabet='photos,a"\n%+2\r', max_size=40).map(str.encode))
def test_any_bytes_are_a_manifest_or_a_problem(body: bytes) -> None:
    """Nothing else is raised, and what is listed is whole."""
    try:
        listed = csv_of(body)
    except ManifestProblem:
        return
    assert all(one.bucket and one.key and one.version_id != "" for one in listed)


# -- inventory ---------------------------------------------------------------------------------------------------------

ROWS = f'"photos","a+b.jpg","{VERSION}","true","false","3"\n"photos","c.jpg","","true","false","4"\n'.encode()


def inventory(**change: Any) -> bytes:
    told = {
        "sourceBucket": "photos",
        "destinationBucket": "arn:aws:s3:::inventories",
        "version": "2016-11-30",
        "creationTimestamp": "1514944800000",
        "fileFormat": "CSV",
        "fileSchema": SCHEMA,
        "files": [{"key": "data/1.csv", "size": len(ROWS), "MD5checksum": hashlib.md5(ROWS).hexdigest()}],
        **change,
    }
    return json.dumps({key: value for key, value in told.items() if value is not ...}).encode()


def read(body: bytes, checksum: bytes | None = None, **files: bytes) -> list[Listed]:
    there = {"data/1.csv": ROWS, **{name.replace("__", "/").replace("_", "."): file for name, file in files.items()}}
    return read_inventory(
        body, checksum, lambda bucket, key: there.get(key) if bucket == "inventories" else None, "1.0"
    )


LISTED = [Listed("photos", "a b.jpg", "a+b.jpg", VERSION), Listed("photos", "c.jpg", "c.jpg", "")]


def test_an_inventory_lists_the_rows_of_its_files() -> None:
    """In the order of the files, columns by fileSchema; an empty version stays, and fails its task later."""
    assert read(inventory()) == LISTED
    twice = inventory(files=[{"key": "data/1.csv"}, {"key": "data/1.csv"}])
    assert read(twice) == LISTED * 2
    assert read(inventory(files=[])) == []
    bare = b'"a.jpg","photos"\n'
    files = [{"key": "data/2.csv", "MD5checksum": hashlib.md5(bare).hexdigest()}]
    assert read(inventory(fileSchema="Key, Bucket", files=files), data__2_csv=bare) == [
        Listed("photos", "a.jpg", "a.jpg", None)
    ]


def test_an_inventory_is_usually_gzipped() -> None:
    """Told by the name; the checksum is that of the file as it is stored."""
    packed = gzip.compress(ROWS, mtime=0)
    files = [{"key": "data/1.csv.gz", "MD5checksum": hashlib.md5(packed).hexdigest()}]
    assert read(inventory(files=files), data__1_csv_gz=packed) == LISTED
    for broken in (b"not gzipped", packed[:-9], packed[:12] + b"\xff\xff\xff" + packed[15:]):
        with pytest.raises(ManifestProblem, match="is not gzipped"):
            read(inventory(files=[{"key": "data/1.csv.gz"}]), data__1_csv_gz=broken)


def test_the_checksum_beside_the_manifest_is_held_against_it() -> None:
    """manifest.checksum is the MD5 of manifest.json."""
    body = inventory()
    assert read(body, hashlib.md5(body).hexdigest().encode() + b"\n") == LISTED
    for wrong in (b"", b"00", b"\xff"):
        with pytest.raises(ManifestProblem, match=r"manifest\.checksum is not the MD5"):
            read(body, wrong)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"photos,a\n", "no manifest.json of S3 Inventory"),
        (b"[]", "no manifest.json of S3 Inventory"),
        (b"{}", "no manifest.json of S3 Inventory"),
        (b"\xff", "no manifest.json of S3 Inventory"),
        (inventory(files=...), "no manifest.json of S3 Inventory"),
        (inventory(files=[7]), "no manifest.json of S3 Inventory"),
        (inventory(destinationBucket=7), "no manifest.json of S3 Inventory"),
        (inventory(fileSchema=None), "no manifest.json of S3 Inventory"),
        (inventory(fileFormat="ORC"), "fileFormat is 'ORC', not CSV"),
        (inventory(fileFormat="Parquet"), "fileFormat is 'Parquet', not CSV"),
        (inventory(fileSchema="Bucket, Size"), "Required fields are missing in the schema: Key"),
        (inventory(fileSchema="Size"), "Required fields are missing in the schema: Bucket, Key"),
        (inventory(fileSchema="Bucket, Key"), "data/1.csv, row 1 has 6 column(s), fileSchema 2"),
        (inventory(files=[{"key": "data/9.csv"}]), "there is no file s3://inventories/data/9.csv"),
        (inventory(destinationBucket="other"), "there is no file s3://other/data/1.csv"),
        (inventory(files=[{"key": "data/1.csv", "MD5checksum": "00"}]), "MD5checksum of data/1.csv is '00', not"),
        (inventory(fileSchema="Key, Bucket, VersionId, a, b, c"), "Invalid Manifest Content: data/1.csv, row 1"),
    ],
)
def test_an_inventory_that_s3_cannot_read_fails_the_job(body: bytes, reason: str) -> None:
    """Its format, its columns, its files and their checksums are held against what is there."""
    with pytest.raises(ManifestProblem) as caught:
        read(body)
    assert caught.value.code == "InvalidManifestContent"
    assert reason in caught.value.reason
