"""How events of DynamoDB Streams may vary."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pytest_lambda_events.events import dynamodb_event

TIME = "2025-01-01T00:00:07.250Z"
EVERY_TYPE = {
    "id": "order-1",
    "note": "Zoë",
    "empty": "",
    "total": Decimal("-12.50"),
    "count": 42,
    "raw": b"\x00\xff",
    "paid": True,
    "coupon": None,
    "tags": {"b", "a"},
    "sizes": {1, Decimal("2.5")},
    "keys": {b"\x01"},
    "lines": [{"sku": "ANCHOR-01", "quantity": 2}, "gift", []],
    "address": {"city": "Riga", "zip": {"code": "LV-1001"}},
}


def plain() -> Any:
    """Two orders, newly put."""
    return dynamodb_event({"id": "order-1", "total": 5}, {"id": "order-2", "total": 7}, table="orders", time=TIME)


def every_type() -> Any:
    """An item with a value of every type, changed."""
    return dynamodb_event(EVERY_TYPE, old={"note": "Zoe", "total": 12.5}, table="orders", time=TIME)


def removed() -> Any:
    """By a client, and by time to live; a partition and a sort key."""
    return dynamodb_event(
        {"pk": "user-1", "sk": 1, "expires": 1_735_689_000},
        {"pk": "user-1", "sk": 2, "expires": 1_735_689_001},
        event_name="REMOVE",
        ttl=lambda number: number == 1,
        keys=("pk", "sk"),
        table="arn:aws:dynamodb:eu-west-1:210987654321:table/sessions/stream/2024-12-31T23:59:59.999",
        time=TIME,
    )


def keys_only() -> Any:
    """The stream shows keys and nothing else."""
    return dynamodb_event({"id": b"\x01\x02", "total": 5}, StreamViewType="KEYS_ONLY", table="orders", time=TIME)


def new_image() -> Any:
    """The stream shows items as they are after a change."""
    return dynamodb_event(
        {"id": 1, "total": 5}, event_name="MODIFY", StreamViewType="NEW_IMAGE", table="orders", time=TIME
    )


def old_image() -> Any:
    """The stream shows items as they were before a change."""
    return dynamodb_event(
        {"id": 1, "total": 5}, old={"total": 4}, StreamViewType="OLD_IMAGE", table="orders", time=TIME
    )


def windowed() -> Any:
    """Within a tumbling window."""
    return dynamodb_event({"id": "order-1"}, table="orders", window=30, state={"total": 5}, time=TIME)


def final() -> Any:
    """The last invocation for a tumbling window."""
    return dynamodb_event(table="orders", window=30, is_final=True, state={"total": 5}, time=TIME)


def _first(event: Any) -> Any:
    """The first record; of an event without records one that is thrown away."""
    return (event["Records"] or plain()["Records"])[0]


def _swap(event: Any, *path: str) -> None:
    """Exchange the values of the first two records."""
    records = event["Records"]
    if len(records) > 1:
        one, other = records[0], records[1]
        for step in path[:-1]:
            one, other = one[step], other[step]
        one[path[-1]], other[path[-1]] = other[path[-1]], one[path[-1]]


def _shuffled(event: Any) -> None:
    _swap(event, "dynamodb", "SequenceNumber")


def _same_id(event: Any) -> None:
    records = event["Records"]
    if len(records) > 1:
        records[1]["eventID"] = records[0]["eventID"]


def _another_region(event: Any) -> None:
    _first(event)["awsRegion"] = "us-west-1"


def _a_sample(event: Any) -> None:
    _first(event)["eventID"] = "c4ca4238a0b923820dcc509a6f75849b"


def _a_sample_number(event: Any) -> None:
    _first(event)["dynamodb"]["SequenceNumber"] = "4421584500000000017450439091"


def _a_kinesis_number(event: Any) -> None:
    _first(event)["dynamodb"]["SequenceNumber"] = "1234567890123456789012345678"


def _milliseconds(event: Any) -> None:
    _first(event)["dynamodb"]["ApproximateCreationDateTime"] *= 1000


def _fractions(event: Any) -> None:
    _first(event)["dynamodb"]["ApproximateCreationDateTime"] += 0.25


def _null_new_image(event: Any) -> None:
    _first(event)["dynamodb"].setdefault("NewImage", None)


def _null_old_image(event: Any) -> None:
    _first(event)["dynamodb"].setdefault("OldImage", None)


def _identity_of_an_insert(event: Any) -> None:
    record = _first(event)
    if record["eventName"] != "REMOVE":
        record["userIdentity"] = {"principalId": "dynamodb.amazonaws.com", "type": "Service"}


def _another_key(event: Any) -> None:
    for image in ("NewImage", "OldImage"):
        attributes = _first(event)["dynamodb"].get(image, {})
        if "id" in attributes:
            attributes["id"] = {"S": "other-1"}


def _nothing_changed(event: Any) -> None:
    change = _first(event)["dynamodb"]
    if "OldImage" in change and "NewImage" in change:
        change["NewImage"] = change["OldImage"]


def _spelt_otherwise(event: Any) -> None:
    image = _first(event)["dynamodb"].get("NewImage", {})
    if "total" in image:
        image["total"] = {"N": image["total"]["N"] + ".0"}


def _two_types(event: Any) -> None:
    _first(event)["dynamodb"]["Keys"]["id"] = {"S": "a", "N": "1"}


def _three_keys(event: Any) -> None:
    keys = _first(event)["dynamodb"]["Keys"]
    keys |= {"a": {"S": "a"}, "b": {"S": "b"}}


def _a_key_of_a_list(event: Any) -> None:
    _first(event)["dynamodb"]["Keys"] = {"id": {"L": []}}


def _two_streams(event: Any) -> None:
    if len(event["Records"]) > 1:
        event["Records"][1]["eventSourceARN"] = event["Records"][1]["eventSourceARN"][:-3] + "000"


def _another_window(event: Any) -> None:
    if "window" in event and event["Records"]:
        event["window"] = {"start": "2025-01-01T00:00:30Z", "end": "2025-01-01T00:01:00Z"}


def _crooked_window(event: Any) -> None:
    if "window" in event:
        event["window"] = {"start": "2025-01-01T00:00:05Z", "end": "2025-01-01T00:00:35Z"}


def _final_with_records(event: Any) -> None:
    if "window" in event:
        event["isFinalInvokeForWindow"] = True


def _early_but_not_final(event: Any) -> None:
    if "window" in event and event["Records"]:
        event["isWindowTerminatedEarly"] = True


def _window_of_another_stream(event: Any) -> None:
    if "window" in event and event["Records"]:
        event["eventSourceARN"] = event["eventSourceARN"].replace("orders", "others")


def _no_records(event: Any) -> None:
    event["Records"] = []


MORE = {
    "shuffled sequence numbers": (_shuffled, "SequenceNumber"),
    "two records with one id": (_same_id, "eventID"),
    "another region than the ARN's": (_another_region, "awsRegion"),
    "the documentation's id": (_a_sample, "eventID"),
    "a sample's sequence number": (_a_sample_number, "SequenceNumber"),
    "a number that does not go on with zeros": (_a_kinesis_number, "SequenceNumber"),
    "milliseconds": (_milliseconds, "ApproximateCreationDateTime"),
    "fractions of a second": (_fractions, "ApproximateCreationDateTime"),
    "null where there is no new image": (_null_new_image, "NewImage"),
    "null where there is no old image": (_null_old_image, "OldImage"),
    "an identity on what was not removed": (_identity_of_an_insert, "userIdentity"),
    "another key in the image": (_another_key, "id"),
    "a change of nothing": (_nothing_changed, "NewImage"),
    "a number that is spelt otherwise": (_spelt_otherwise, "total"),
    "two types at once": (_two_types, "id"),
    "three key attributes": (_three_keys, "Keys"),
    "a list as a key": (_a_key_of_a_list, "Keys"),
    "records of two streams": (_two_streams, "eventSourceARN"),
    "a window of another time": (_another_window, "window"),
    "a window that is not aligned": (_crooked_window, "window"),
    "a final invocation with records": (_final_with_records, "isFinalInvokeForWindow"),
    "an early end that is none": (_early_but_not_final, "isFinalInvokeForWindow"),
    "a window of another stream": (_window_of_another_stream, "eventSourceARN"),
    "no records": (_no_records, "Records"),
}

EVENTS = {
    "plain": plain,
    "every_type": every_type,
    "removed": removed,
    "keys_only": keys_only,
    "new_image": new_image,
    "old_image": old_image,
    "windowed": windowed,
    "final": final,
}
OPTIONAL = frozenset(
    (
        "Records[*].userIdentity",  # a client may remove, too
        "state[*]",
    )
)
ANYTHING = frozenset(("state[*]",))
PRINTED = frozenset(
    (
        # an item may lack any attribute but its key: that a note is there, of SizeBytes, is checked
        "Records[*].dynamodb.Keys[*]",
        "Records[*].dynamodb.NewImage[*]",
        "Records[*].dynamodb.OldImage[*]",
        "Records[*].dynamodb.NewImage[*].M[*]",
        "Records[*].dynamodb.NewImage[*].M[*].M[*]",
        "Records[*].dynamodb.NewImage[*].L[*].M[*]",
        "Records[*].dynamodb.ApproximateCreationDateTime",
    )
)
DERIVED = frozenset(("Records[*].awsRegion", "Records[*].dynamodb.SizeBytes"))
