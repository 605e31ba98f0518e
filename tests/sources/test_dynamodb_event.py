"""The DynamoDB Streams event: shape, order and derivations as captured on AWS."""

from __future__ import annotations

import base64
import copy
import json
import re
import subprocess
import sys
from decimal import Decimal, Rounded
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecordEventName, StreamViewType
from aws_lambda_powertools.utilities.parser import envelopes, models
from aws_lambda_powertools.utilities.parser.envelopes import DynamoDBStreamEnvelope
from aws_lambda_powertools.utilities.parser.models import DynamoDBStreamModel
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from pytest_lambda_events import UsageError
from pytest_lambda_events.events import dynamodb_event, identify, kinesis_event, lambda_context, validate
from pytest_lambda_events.model.dynamodb_sizes import item_size
from pytest_lambda_events.model.dynamodb_typed import checked_item
from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.sources.dynamodb.check import check
from pytest_lambda_events.sources.dynamodb.kinesis_form import dynamodb_to_kinesis

# Powertools makes its models when they are asked for, and pydantic fails to make them on frozen time. freezegun asks
# modules for everything that they list, so a test elsewhere that freezes by itself would fail: they are made here, now.
for lazy in (models, envelopes):
    for name in dir(lazy):
        getattr(lazy, name)

SAMPLES = Path(__file__).parents[1] / "data" / "aws-samples"
TIME = "2025-01-01T00:00:07.250Z"
RECORD = [
    "eventID",
    "eventName",
    "eventVersion",
    "eventSource",
    "awsRegion",
    "dynamodb",
    "userIdentity",
    "eventSourceARN",
]
CHANGE = [
    "ApproximateCreationDateTime",
    "Keys",
    "NewImage",
    "OldImage",
    "SequenceNumber",
    "SizeBytes",
    "StreamViewType",
]
WINDOW = [
    "Records",
    "shardId",
    "eventSourceARN",
    "window",
    "state",
    "isFinalInvokeForWindow",
    "isWindowTerminatedEarly",
]
EVERY_TYPE = {
    "id": "order-1",
    "text": "Zoë",
    "number": Decimal("-12.5"),
    "raw": b"\x00\xff",
    "flag": True,
    "nothing": None,
    "tags": {"b", "a"},
    "sizes": {1, 2},
    "list": [{"sku": "ANCHOR-01"}, "gift"],
    "map": {"city": "Riga"},
}


def only(*items: Any, **arguments: Any) -> Any:
    """The only record of an event."""
    (record,) = dynamodb_event(*items, **arguments)["Records"]
    return record


def test_a_record_has_every_key_in_awss_order() -> None:
    """Both images of a MODIFY; nothing is there that is not AWS's."""
    event = dynamodb_event(EVERY_TYPE, old={"number": 1}, time=TIME)
    (record,) = event["Records"]
    assert list(event) == ["Records"]
    assert list(record) == [key for key in RECORD if key != "userIdentity"]
    assert list(record["dynamodb"]) == CHANGE
    assert record["eventName"] == "MODIFY"
    assert record["eventVersion"] == "1.1"
    assert record["eventSource"] == "aws:dynamodb"


def test_the_time_is_whole_seconds_as_a_float() -> None:
    """Printed with `.0`, as in captures."""
    record = only({"id": 1}, time=TIME)
    assert json.dumps(record["dynamodb"]["ApproximateCreationDateTime"]) == "1735689607.0"


def test_values_are_typed() -> None:
    """Numbers as text, binary in base64, sets sorted, null as true."""
    image = only(EVERY_TYPE)["dynamodb"]["NewImage"]
    assert image == {
        "id": {"S": "order-1"},
        "text": {"S": "Zoë"},
        "number": {"N": "-12.5"},
        "raw": {"B": "AP8="},
        "flag": {"BOOL": True},
        "nothing": {"NULL": True},
        "tags": {"SS": ["a", "b"]},
        "sizes": {"NS": ["1", "2"]},
        "list": {"L": [{"M": {"sku": {"S": "ANCHOR-01"}}}, {"S": "gift"}]},
        "map": {"M": {"city": {"S": "Riga"}}},
    }


def test_attributes_come_in_the_order_of_captures() -> None:
    """That of a Java HashMap, in keys, images and maps."""
    names = ("PK", "SK", "contact", "description", "title")
    item = {**dict.fromkeys(names, "a"), "contact": {"contact_id": 1, "name": "a"}}
    change = only(item, keys=("PK", "SK"))["dynamodb"]
    assert list(change["Keys"]) == ["SK", "PK"]
    assert list(change["NewImage"]) == ["contact", "SK", "description", "PK", "title"]
    assert list(change["NewImage"]["contact"]["M"]) == ["name", "contact_id"]


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
@pytest.mark.parametrize("name", ["INSERT", "MODIFY", "REMOVE"])
def test_images_are_those_of_event_and_view(name: str, view: str) -> None:
    """Absent where there is none, never null; SizeBytes counts what is there."""
    old = {"data": "test"} if name == "MODIFY" else None
    change = only(
        {"pk": "a", "sk": "b", "data": "hello"},
        event_name=name,
        old=old,
        keys=("pk", "sk"),
        StreamViewType=view,
    )["dynamodb"]
    shown = {
        "NewImage": name != "REMOVE" and view in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"),
        "OldImage": name != "INSERT" and view in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"),
    }
    sizes = {"NewImage": 15, "OldImage": 14 if name == "MODIFY" else 15}
    assert {image: image in change for image in shown} == shown
    assert change["StreamViewType"] == view
    assert change["SizeBytes"] == 6 + sum(sizes[image] for image, there in shown.items() if there)


@pytest.mark.parametrize(
    ("view", "name", "old", "size"),
    [
        ("KEYS_ONLY", "MODIFY", None, 6),
        ("NEW_AND_OLD_IMAGES", "INSERT", None, 20),
        ("NEW_AND_OLD_IMAGES", "MODIFY", {"data": "hello"}, 35),
        ("NEW_IMAGE", "REMOVE", None, 6),
        ("OLD_IMAGE", "INSERT", None, 6),
        ("OLD_IMAGE", "REMOVE", None, 20),
    ],
)
def test_recorded_size_bytes_come_out(view: str, name: str, old: Any, size: int) -> None:
    """The same items as in recorded events, and the same numbers."""
    item = {"pk": "a", "sk": "b", "data": "test"}
    record = only(item, event_name=name, old=old, keys=("pk", "sk"), StreamViewType=view)
    assert record["dynamodb"]["SizeBytes"] == size


def test_time_to_live_is_a_service() -> None:
    """The identity stands behind dynamodb, the principal first; a client's removal has none."""
    by_ttl, by_client = dynamodb_event({"id": 1}, {"id": 2}, event_name="REMOVE", ttl=lambda n: n == 0)["Records"]
    assert [key for key in RECORD if key in by_ttl] == list(by_ttl) == RECORD
    assert list(by_ttl["userIdentity"].items()) == [("principalId", "dynamodb.amazonaws.com"), ("type", "Service")]
    assert "userIdentity" not in by_client


def test_the_event_name_goes_with_the_other_arguments() -> None:
    """INSERT; MODIFY with old; REMOVE with ttl."""
    assert only({"id": 1})["eventName"] == "INSERT"
    assert only({"id": 1, "n": 1}, old={"n": 2})["eventName"] == "MODIFY"
    assert only({"id": 1}, ttl=True)["eventName"] == "REMOVE"
    names = ("INSERT", "MODIFY", "REMOVE")
    records = dynamodb_event(
        *({"id": 1, "n": number} for number in range(3)),
        event_name=lambda number: names[number],
        old=lambda number: {"n": 0} if number == 1 else None,
    )["Records"]
    assert tuple(record["eventName"] for record in records) == names


def test_ids_have_their_grammar() -> None:
    """32 hex digits; 21 to 40 digits that rise by one in front of 20 which begin with 0000."""
    records = dynamodb_event(count=20)["Records"]
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert len({record["eventID"] for record in records}) == len(set(numbers)) == 20
    assert all(re.fullmatch("[0-9a-f]{32}", record["eventID"]) for record in records)
    assert all(re.fullmatch("[1-9][0-9]{20,39}", number) and number[-20:].startswith("0000") for number in numbers)
    counters = [int(number[:-20]) for number in numbers]
    assert counters == list(range(counters[0], counters[0] + 20))
    assert sorted(numbers, key=int) == numbers


def test_a_table_is_named_by_name_or_arn_or_its_streams() -> None:
    """The ARN says region and account, too; a stream's label is as it is given."""
    made = only({"id": 1}, table="orders", region="eu-west-1", account="210987654321", time=TIME)
    arn = "arn:aws:dynamodb:eu-west-1:210987654321:table/orders"
    assert re.fullmatch(re.escape(arn) + r"/stream/2024-12-\d\dT\d\d:\d\d:\d\d\.\d{3}", made["eventSourceARN"])
    assert made["awsRegion"] == "eu-west-1"
    assert only({"id": 1}, table=arn, time=TIME) == made
    given = f"{arn}/stream/2030-01-01T00:00:00.000"
    record = only({"id": 1}, table=given, time=TIME)
    assert record["eventSourceARN"] == given
    assert record["awsRegion"] == "eu-west-1"


def test_a_table_has_the_key_that_its_first_item_has() -> None:
    """Named, else `id`, else the first attribute, and the same for all."""
    assert list(only({"name": "a", "id": "b"})["dynamodb"]["Keys"]) == ["id"]
    assert list(only({"sku": "a", "name": "b"})["dynamodb"]["Keys"]) == ["sku"]
    records = dynamodb_event({"id": "a", "n": 1}, {"n": 2, "id": "b"}, keys="n")["Records"]
    assert [record["dynamodb"]["Keys"] for record in records] == [{"n": {"N": "1"}}, {"n": {"N": "2"}}]


def test_old_may_leave_out_the_key() -> None:
    """It is the item's; old replaces nothing else."""
    change = only({"id": 1, "a": 1, "b": 1}, old={"a": 2})["dynamodb"]
    assert change["OldImage"] == {"id": {"N": "1"}, "a": {"N": "2"}}


def test_a_modify_needs_old_only_where_it_is_shown() -> None:
    """What nobody sees nobody has to give."""
    for view in ("KEYS_ONLY", "NEW_IMAGE"):
        assert "OldImage" not in only({"id": 1}, event_name="MODIFY", StreamViewType=view)["dynamodb"]


def test_typed_items_are_taken_when_asked_for() -> None:
    """In DynamoDB's form, old as well; otherwise such a dict is an item like any other."""
    typed = {"id": {"S": "a"}, "n": {"N": "01.50"}, "raw": {"B": b"a"}}
    change = only(typed, old={"n": {"N": "1"}}, typed=True)["dynamodb"]
    assert change["NewImage"] == {"id": {"S": "a"}, "n": {"N": "1.5"}, "raw": {"B": "YQ=="}}
    assert change["OldImage"] == {"id": {"S": "a"}, "n": {"N": "1"}}
    plain = only({"key": "k", "id": {"S": "a"}}, keys="key")["dynamodb"]
    assert plain["NewImage"]["id"] == {"M": {"S": {"S": "a"}}}


def test_users_are_made_up() -> None:
    """With an id each, a number and some of everything; a MODIFY of somebody made up has an old image, too."""
    records = dynamodb_event(count=2)["Records"]
    assert [record["dynamodb"]["Keys"] for record in records] == [{"id": {"S": "user-1"}}, {"id": {"S": "user-2"}}]
    assert records[1]["dynamodb"]["NewImage"]["user"] == {"N": "2"}
    change = only(event_name="MODIFY")["dynamodb"]
    assert change["NewImage"]["active"]["BOOL"] is not change["OldImage"]["active"]["BOOL"]
    assert only(event_name="REMOVE", typed=True)["eventName"] == "REMOVE"
    given = only(old={"active": None})["dynamodb"]
    assert given["OldImage"] == {"id": {"S": "user-1"}, "active": {"NULL": True}}
    assert len(dynamodb_event({"id": 1}, count=3)["Records"]) == 3
    made = dynamodb_event(lambda number: {"id": number}, count=3)["Records"]
    assert [record["dynamodb"]["Keys"]["id"]["N"] for record in made] == ["0", "1", "2"]


def test_records_share_nothing() -> None:
    """Who changes one value of an event changes no other, and not the item."""
    item = {"id": "a", "tags": ["x"]}
    event = dynamodb_event(item, count=2)
    event["Records"][0]["dynamodb"]["Keys"]["id"]["S"] = "b"
    event["Records"][0]["dynamodb"]["NewImage"]["tags"]["L"].clear()
    assert event["Records"][0]["dynamodb"]["NewImage"]["id"] == {"S": "a"}
    assert event["Records"][1]["dynamodb"]["NewImage"] == {"id": {"S": "a"}, "tags": {"L": [{"S": "x"}]}}
    assert item == {"id": "a", "tags": ["x"]}


def test_overrides_come_last() -> None:
    """Nothing is derived from them."""
    event = dynamodb_event({"id": 1}, overrides={"Records[0].dynamodb.SizeBytes": 7})
    assert event["Records"][0]["dynamodb"]["SizeBytes"] == 7


def test_a_window_adds_its_fields() -> None:
    """Behind Records in captured order; the window is that of the records' second, the shard one that was open."""
    event = dynamodb_event({"id": 1}, window=30, state={"total": 5}, time=TIME)
    assert list(event) == WINDOW
    assert event["eventSourceARN"] == event["Records"][0]["eventSourceARN"]
    assert event["window"] == {"start": "2025-01-01T00:00:00Z", "end": "2025-01-01T00:00:30Z"}
    assert event["state"] == {"total": 5}
    shard = re.fullmatch("shardId-([0-9]{20})-[0-9a-f]{8}", event["shardId"])
    assert shard is not None
    assert 0 <= 1_735_689_607_250 - int(shard[1]) <= 4 * 3_600_000


def test_the_final_invocation_of_a_window_has_no_record() -> None:
    """`[]`, and the flag; both flags when the state was too large."""
    event = dynamodb_event(window=30, is_final=True, time=TIME)
    assert event["Records"] == []
    assert (event["isFinalInvokeForWindow"], event["isWindowTerminatedEarly"]) == (True, False)
    early = dynamodb_event(window=30, terminated_early=True, time=TIME)
    assert (early["Records"], early["isFinalInvokeForWindow"], early["isWindowTerminatedEarly"]) == ([], True, True)
    assert identify(event).name == "dynamodb"
    assert validate(event) == validate(early) == []


def test_the_shard_of_a_stream_with_a_later_label_is_open_at_the_time() -> None:
    """Labels are copied from real streams, while the records are of the default time."""
    table = "arn:aws:dynamodb:eu-west-1:210987654321:table/orders/stream/2030-01-01T00:00:00.000"
    shard = dynamodb_event({"id": 1}, table=table, window=1, time=TIME)["shardId"]
    assert shard.startswith("shardId-00000001735689607250-")
    assert dynamodb_event({"id": 1}, window=1, time="1970-01-01T00:00:00Z")["shardId"].startswith("shardId-" + "0" * 20)


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"items": [{"id": 1}], "event_name": "insert"}, "did you mean 'INSERT'"),
    ({"items": [{"id": 1}], "event_name": "CREATE"}, "one of INSERT, MODIFY, REMOVE"),
    ({"items": [{"id": 1}], "event_name": "MODIFY"}, "give old="),
    ({"items": [{"id": 1}], "event_name": "MODIFY", "StreamViewType": "OLD_IMAGE"}, "give old="),
    ({"items": [{"id": 1}], "event_name": "INSERT", "old": {}}, "no item before it"),
    ({"items": [{"id": 1}], "event_name": "REMOVE", "old": {}}, "the item itself is what was removed"),
    ({"items": [{"id": 1}], "event_name": "INSERT", "ttl": True}, "time to live only removes"),
    ({"items": [{"id": 1}], "ttl": True, "old": {}}, "the item itself is what was removed"),
    ({"items": [{"id": 1, "s": {1, 2}}], "old": {"s": {2, 1}}}, "a write that changes nothing"),
    ({"items": [{"id": 1}], "old": {"id": 2}}, "No write changes a key"),
    ({"items": [{"id": 1}], "StreamViewType": "NEW_IMAGES"}, "did you mean 'NEW_IMAGE'"),
    ({"items": [{"id": 1}], "StreamViewType": "EVERYTHING"}, "one of KEYS_ONLY, NEW_IMAGE"),
    ({"items": [{"id": [1]}]}, "the key attribute 'id' is of type L"),
    ({"items": [{}]}, "at least one attribute"),
    ({"items": ["text"]}, "an item is a mapping"),
    ({"items": [{"id": {1, "a"}}]}, "a set of N and S"),
    ({"items": [{"id": 1}], "keys": ()}, "partition and a sort key"),
    ({"items": [{"id": 1}], "typed": True}, "no typed value"),
    ({"items": [{"id": 1}], "table": "no table"}, "no table's name"),
    ({"items": [{"id": 1}], "table": "arn:aws:sqs:us-east-1:123456789012:orders"}, "no ARN of a table"),
    (
        {
            "items": [{"id": 1}],
            "table": "arn:aws:dynamodb:us-east-1:123456789012:table/abc/stream/2025-13-01T00:00:00.000",
        },
        "label is no time",
    ),
    ({"items": [{"id": 1}, {"id": 2}], "count": 2}, "repeats one payload"),
    ({"items": [], "count": 0}, "at least one record"),
    ({"items": [{"id": 1}], "window": 0}, "from 1 to 900"),
    ({"items": [{"id": 1}], "state": {}}, "without window"),
    ({"items": [{"id": 1}], "window": 30, "is_final": True}, "carries no record"),
    ({"items": [], "count": 1, "window": 30, "is_final": True}, "carries no record"),
    ({"items": [], "ttl": True, "window": 30, "terminated_early": True}, "carries no record"),
)


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_cannot_be_is_refused(arguments: dict[str, Any], message: str) -> None:
    """With the reason, and what to do."""
    items = arguments["items"]
    rest = {name: value for name, value in arguments.items() if name != "items"}
    with pytest.raises(UsageError, match=re.escape(message)):
        dynamodb_event(*items, **rest)


REFUSED_BY_AWS: tuple[tuple[tuple[Any, ...], dict[str, Any], str], ...] = (
    (({"id": "a", "text": "x" * 409_600},), {}, "Item size has exceeded the maximum allowed size"),
    (({"id": "a"},), {"old": {"text": "x" * 409_600}}, "Item size has exceeded the maximum allowed size"),
    (({"id": "x" * 2049},), {}, "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    (({"id": ""},), {}, "cannot contain an empty string value. Key: id"),
    (({"name": "a"},), {"keys": ("id",)}, "Missing the key id in the item"),
    (({"id": "a"}, {"name": "b"}), {}, "Missing the key id in the item"),
    (({"id": "a"}, {"id": 1}), {}, "Type mismatch for key id expected: S actual: N"),
    (({"id": "a", "tags": set()},), {}, "An number set  may not be empty"),
    (({"id": "a", "n": 1e126},), {}, "Number overflow"),
)


@pytest.mark.parametrize(("items", "arguments", "message"), REFUSED_BY_AWS, ids=[row[2] for row in REFUSED_BY_AWS])
def test_what_dynamodb_refuses_is_its_own_error(items: Any, arguments: Any, message: str) -> None:
    """A ClientError of PutItem, as boto3 raises it."""
    with pytest.raises(ClientError) as caught:
        dynamodb_event(*items, **arguments)
    assert caught.value.operation_name == "PutItem"
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert message in caught.value.response["Error"]["Message"]


MIXED = (
    {"id": "order-1", "total": Decimal("12.5"), "tags": {"a", "b"}, "raw": b"\x01"},
    {"id": "order-2", "total": 7},
    {"id": "order-3", "total": 8},
)


def mixed() -> Any:
    """An insert, a change and a removal by time to live."""
    return dynamodb_event(
        *MIXED,
        event_name=lambda number: ("INSERT", "MODIFY", "REMOVE")[number],
        old=lambda number: {"total": 6} if number == 1 else None,
        ttl=lambda number: number == 2,
        table="orders",
        time=TIME,
    )


def test_powertools_data_class_reads_our_events() -> None:
    """Keys and images in Python's types, but for binary, which stays base64; the names as enums."""
    inserted, changed, removed = DynamoDBStreamEvent(mixed()).records
    assert inserted.event_name is DynamoDBRecordEventName.INSERT
    assert inserted.dynamodb is not None
    assert inserted.dynamodb.new_image == {**MIXED[0], "raw": "AQ=="}
    assert inserted.dynamodb.keys == {"id": "order-1"}
    assert inserted.dynamodb.stream_view_type is StreamViewType.NEW_AND_OLD_IMAGES
    assert inserted.dynamodb.approximate_creation_date_time == 1_735_689_607
    assert changed.dynamodb is not None
    assert changed.dynamodb.old_image == {"id": "order-2", "total": 6}
    assert removed.user_identity == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    windowed = DynamoDBStreamEvent(dynamodb_event(window=30, is_final=True, state={"a": 1}, time=TIME))
    assert windowed.window is not None
    assert windowed.window.start == "2025-01-01T00:00:00Z"
    assert windowed.state == {"a": 1}
    assert windowed.is_final_invoke_for_window is True
    assert list(windowed.records) == []


def test_boto3_cannot_read_every_number() -> None:
    """DynamoDB gives 1E40 back as 41 digits, and boto3 takes them all for significant."""
    value = only({"id": "a", "n": 10**40})["dynamodb"]["NewImage"]["n"]
    with pytest.raises(Rounded):
        TypeDeserializer().deserialize(value)


class Order(BaseModel):
    """What a handler takes out of the images."""

    id: str
    total: Decimal


def test_powertools_models_read_our_events() -> None:
    """The event's model, and the envelope that takes the images out."""
    event = mixed()
    model = DynamoDBStreamModel.model_validate(copy.deepcopy(event))
    assert model.Records[0].dynamodb.NewImage == {**MIXED[0], "raw": "AQ=="}
    assert model.Records[1].dynamodb.SequenceNumber == event["Records"][1]["dynamodb"]["SequenceNumber"]
    assert model.Records[2].userIdentity is not None
    parsed = DynamoDBStreamEnvelope().parse(copy.deepcopy(event), Order)
    assert [one["NewImage"] and one["NewImage"].id for one in parsed] == ["order-1", "order-2", None]
    assert [one["OldImage"] and one["OldImage"].total for one in parsed] == [None, 6, 8]


def test_powertools_batch_names_our_sequence_numbers() -> None:
    """What failed is what a handler reports."""
    event = mixed()

    def handle(record: Any) -> None:
        if record.event_name is DynamoDBRecordEventName.MODIFY:
            raise ValueError

    response = process_partial_response(
        event=event,
        record_handler=handle,
        processor=BatchProcessor(EventType.DynamoDBStreams),
        context=lambda_context(),
    )
    failed = event["Records"][1]["dynamodb"]["SequenceNumber"]
    assert response == {"batchItemFailures": [{"itemIdentifier": failed}]}


def test_awss_own_sample_has_notes_and_no_error() -> None:
    """It is valid input, and not what AWS sends."""
    sample = json.loads((SAMPLES / "dynamodb.json").read_text(encoding="utf-8"))
    findings = validate(sample)
    assert {finding.severity for finding in findings} == {"note"}
    assert {finding.path.rpartition(".")[2] for finding in findings} == {
        "eventID",
        "eventVersion",
        "SequenceNumber",
        "ApproximateCreationDateTime",
        "awsRegion",
    }
    for record in sample["Records"]:  # its sizes are right
        parts = [record["dynamodb"].get(part, {}) for part in ("Keys", "NewImage", "OldImage")]
        assert sum(item_size(checked_item(part)) for part in parts) == record["dynamodb"]["SizeBytes"]


def test_a_recorded_event_has_no_finding() -> None:
    """What time to live removed, as AWS delivered it; JavaScript prints its time without a point."""
    event = {
        "Records": [
            {
                "eventID": "3ee9c752f2643d2f3a584c0dc751e9a1",
                "eventName": "REMOVE",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "us-east-1",
                "dynamodb": {
                    "ApproximateCreationDateTime": 1691159559,
                    "Keys": {"id": {"S": "5758_update"}},
                    "OldImage": {
                        "name": {"S": "nome 5758_update _update"},
                        "id": {"S": "5758_update"},
                        "time_to_exist": {"N": "1691155958"},
                    },
                    "SequenceNumber": "71404800000000059650945124",
                    "SizeBytes": 73,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
                "userIdentity": {"principalId": "dynamodb.amazonaws.com", "type": "Service"},
                "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/test/stream/2023-07-20T18:21:17.673",
            }
        ]
    }
    assert validate(event) == []
    ours = only(
        {"id": "5758_update", "time_to_exist": 1691155958, "name": "nome 5758_update _update"},
        ttl=True,
        table="arn:aws:dynamodb:us-east-1:123456789012:table/test/stream/2023-07-20T18:21:17.673",
        time="2023-08-04T14:32:39Z",
    )
    theirs = event["Records"][0]
    random = {"eventID": theirs["eventID"]}
    ours["dynamodb"]["SequenceNumber"] = theirs["dynamodb"]["SequenceNumber"]
    assert json.dumps({**ours, **random}) == json.dumps(theirs).replace("1691159559", "1691159559.0")


FOUND: tuple[tuple[str, Any, str], ...] = (
    ("Records[0].dynamodb.NewImage.n", {"N": "01"}, 'note: Records[0].dynamodb.NewImage.n.N: found "01"'),
    ("Records[0].dynamodb.NewImage.n", {"N": "1e126"}, "a number that DynamoDB takes: Number overflow"),
    ("Records[0].dynamodb.NewImage.n", {"N": 1}, "error: Records[0].dynamodb.NewImage.n.N: found 1"),
    ("Records[0].dynamodb.NewImage.n", {"N": ""}, "a number as a string"),
    ("Records[0].dynamodb.NewImage.n", {"NULL": False}, "error: Records[0].dynamodb.NewImage.n.NULL: found false"),
    ("Records[0].dynamodb.NewImage.n", {"B": "!"}, "expected standard base64"),
    ("Records[0].dynamodb.NewImage.n", {"SS": []}, "with at least 1 element"),
    ("Records[0].dynamodb.NewImage.n", {"NS": ["x"]}, "error: Records[0].dynamodb.NewImage.n.NS[0]"),
    ("Records[0].dynamodb.NewImage.n", {"BS": ["!"]}, "error: Records[0].dynamodb.NewImage.n.BS[0]"),
    ("Records[0].dynamodb.NewImage.n", {"L": ["x"]}, "error: Records[0].dynamodb.NewImage.n.L[0]"),
    ("Records[0].dynamodb.NewImage.n", {"M": {"a": {}}}, "error: Records[0].dynamodb.NewImage.n.M.a: found {}"),
    ("Records[0].dynamodb.NewImage.n", {"X": "1"}, "a typed value: an object with one of S, N, B"),
    ("Records[0].dynamodb.NewImage.id", {"S": "b"}, 'found {"S": "b"}, expected {"S": "a"}, as in Keys'),
    ("Records[0].dynamodb.NewImage", {"n": {"N": "1"}}, "error: Records[0].dynamodb.NewImage.id: found no such key"),
    ("Records[0].dynamodb.OldImage", None, "error: Records[0].dynamodb.OldImage: found null"),
    ("Records[0].dynamodb.OldImage", {"id": {"S": "a"}}, "no such key: eventName is INSERT"),
    ("Records[0].dynamodb.SizeBytes", 7, "note: Records[0].dynamodb.SizeBytes: found 7, expected 9"),
    ("Records[0].dynamodb.Keys", {}, "with at least 1 key"),
    ("Records[0].dynamodb.Keys", {"id": {"BOOL": True}}, "a key: one of S, N, B"),
    ("Records[0].dynamodb.SequenceNumber", "111", "expected 21 to 40 digits"),
    ("Records[0].dynamodb.ApproximateCreationDateTime", 1735689607250, "whole seconds since 1970"),
    ("Records[0].dynamodb.ApproximateCreationDateTime", "now", "error: Records[0].dynamodb.ApproximateCreation"),
    ("Records[0].userIdentity", None, "error: Records[0].userIdentity: found null"),
    ("Records[0].userIdentity", {"principalId": "x", "type": "Service"}, "error: Records[0].userIdentity.principalId"),
    ("Records[0].eventVersion", "1.0", 'note: Records[0].eventVersion: found "1.0", expected "1.1"'),
    (
        "Records[0].eventSourceARN",
        "arn:aws:dynamodb:us-east-1:123456789012:table/users",
        "note: Records[0].eventSource",
    ),
    ("Records[0].extra", 1, "note: Records[0].extra: found 1, expected no such key"),
    ("Records[0].eventID", "c4ca4238a0b923820dcc509a6f75849b", "this one is a documentation sample's"),
    ("Records[*].eventID", "0" * 32, "note: Records[1].eventID: found"),
    (
        "Records[0].userIdentity",
        {"principalId": "dynamodb.amazonaws.com", "type": "Service"},
        "time to live only removes, and eventName is INSERT",
    ),
    ("Records[0].eventName", "MODIFY", "error: Records[0].dynamodb.OldImage: found no such key, expected this key"),
    ("Records[0].dynamodb.Keys", {key: {"S": "a"} for key in "abc"}, "one key attribute, or two"),
    ("Records[0].dynamodb.SequenceNumber", "4421584500000000017450439091", "this one is a documentation sample's"),
    ("Records[1].dynamodb.SequenceNumber", "9" * 40, "a counter, and 20 digits that begin with 0000"),
    ("Records[1].dynamodb.SequenceNumber", "100000000025043195499", "the SequenceNumber before it"),
    (
        "Records[1].eventSourceARN",
        "arn:aws:dynamodb:us-east-1:123456789012:table/users/stream/2025-01-01T00:00:00.000",
        "a batch is of one stream",
    ),
)


@pytest.mark.parametrize(("path", "value", "finding"), FOUND, ids=[row[2] for row in FOUND])
def test_what_is_wrong_is_found(path: str, value: Any, finding: str) -> None:
    """Where it is, and what should be there."""
    event = dynamodb_event({"id": "a", "n": 1}, {"id": "b", "n": 1}, time=TIME, overrides={path: value})
    assert finding in "\n".join(map(str, validate(event)))


def test_a_change_of_nothing_is_no_change() -> None:
    """Two images that differ in the order of a set at most."""
    event = dynamodb_event({"id": "a", "s": {"x", "y"}}, old={"s": {"x"}})
    change = event["Records"][0]["dynamodb"]
    change["OldImage"] = {"s": {"SS": ["y", "x"]}, "id": {"S": "a"}}
    change["SizeBytes"] += 1
    (finding,) = validate(event)
    assert "a write that changes nothing" in str(finding)


def test_values_may_not_be_nested_for_ever() -> None:
    """32 levels are DynamoDB's most; what is deeper is said once, and never a RecursionError."""
    value: Any = {"N": "1"}
    for _ in range(200):
        value = {"L": [value]}
    event = dynamodb_event({"id": "a"}, overrides={"Records[0].dynamodb.NewImage.deep": value})
    (finding,) = validate(event)
    assert "DynamoDB nests 32 levels" in str(finding)


NAMES = [*CHANGE, *RECORD, *WINDOW, "S", "N", "L", "M", "NS", "id"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["INSERT", "NEW_IMAGE", "aws:dynamodb", "1" * 21, "1970-01-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=15,
)


@settings(max_examples=2 * settings().max_examples)
@given(JSON, st.sampled_from(["", "Records", "Records[0]", "Records[0].dynamodb", "Records[0].dynamodb.NewImage"]))
def test_anything_can_be_checked(value: Any, path: str) -> None:
    """No JSON makes the validator raise."""
    event = dynamodb_event({"id": "a"}, window=30, time=TIME, overrides={path: value}) if path else value
    report = Report()
    check(event, report)
    assert all(finding.path for finding in report.findings)


def test_same_seed_same_event_in_another_process() -> None:
    """Byte for byte."""
    code = (
        "import json; from pytest_lambda_events.events import dynamodb_event; "
        f"print(json.dumps(dynamodb_event({{'id': 1, 's': {{'a', 'b', 'c'}}}}, window=9, seed=5, time={TIME!r})))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    here = dynamodb_event({"id": 1, "s": {"c", "b", "a"}}, window=9, seed=5, time=TIME)
    assert printed.strip() == json.dumps(here)


# --- the same changes in a Kinesis data stream


def kinesis_form(item: Any, **arguments: Any) -> Any:
    """The record that DynamoDB writes, parsed."""
    return json.loads(dynamodb_to_kinesis(item, **arguments))


def test_the_kinesis_form_is_that_of_the_capture() -> None:
    """Key for key, and the same SizeBytes; a UUID, milliseconds, a table's name, and neither sequence nor view."""
    data = dynamodb_to_kinesis(
        {"id": "record-1qit2y819gi", "data": "data-x6aq7ckdpgk"},
        table="Table",
        region="eu-west-1",
        time="2024-11-18T10:09:15.370Z",
    )
    text = data.decode()
    written = json.loads(text)
    assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", written["eventID"])
    assert text.replace(written["eventID"], "d9428029-0f63-4056-86da-ce10d545b1b9") == (
        '{"awsRegion":"eu-west-1","eventID":"d9428029-0f63-4056-86da-ce10d545b1b9","eventName":"INSERT",'
        '"userIdentity":null,"recordFormat":"application/json","tableName":"Table",'
        '"dynamodb":{"ApproximateCreationDateTime":1731924555370,"Keys":{"id":{"S":"record-1qit2y819gi"}},'
        '"NewImage":{"id":{"S":"record-1qit2y819gi"},"data":{"S":"data-x6aq7ckdpgk"}},"SizeBytes":60},'
        '"eventSource":"aws:dynamodb"}'
    )


def test_the_kinesis_form_has_microseconds_when_asked() -> None:
    """And says so behind the size."""
    change = kinesis_form({"id": 1}, time=TIME, ApproximateCreationDateTimePrecision="MICROSECOND")["dynamodb"]
    assert list(change)[-2:] == ["SizeBytes", "ApproximateCreationDateTimePrecision"]
    assert change["ApproximateCreationDateTimePrecision"] == "MICROSECOND"
    assert change["ApproximateCreationDateTime"] // 1000 == 1_735_689_607_250


def test_the_kinesis_form_has_the_images_of_the_change() -> None:
    """Both on a MODIFY, the old one on a REMOVE, which says when time to live did it."""
    changed = kinesis_form({"id": 1, "n": 1}, old={"n": 2})
    assert [key for key in changed["dynamodb"] if "Image" in key] == ["NewImage", "OldImage"]
    removed = kinesis_form({"id": 1}, ttl=True)
    assert removed["eventName"] == "REMOVE"
    assert removed["userIdentity"] == {"principalId": "dynamodb.amazonaws.com", "type": "Service"}
    assert [key for key in removed["dynamodb"] if "Image" in key] == ["OldImage"]
    typed = kinesis_form({"id": {"S": "a"}}, typed=True, event_name="REMOVE", keys="id")
    assert typed["dynamodb"]["OldImage"] == {"id": {"S": "a"}}


def test_the_partition_key_goes_with_the_data() -> None:
    """32 upper-case hex digits, one for each item; ids differ from change to change, and come again with the seed."""
    first, again, other = (
        dynamodb_to_kinesis(item, time=TIME) for item in ({"id": 1, "n": 1}, {"id": 1, "n": 2}, {"id": 2, "n": 1})
    )
    assert re.fullmatch("[0-9A-F]{32}", first.aside["partition_key"])
    assert first.aside == again.aside != other.aside
    assert len({json.loads(one)["eventID"] for one in (first, again, other)}) == 3
    assert dynamodb_to_kinesis({"id": 1, "n": 1}, time=TIME) == first
    assert dynamodb_to_kinesis({"id": 1, "n": 1}, time=TIME, seed=1) != first


def test_a_kinesis_event_carries_the_change() -> None:
    """With its partition key, unless another is given."""
    payload = dynamodb_to_kinesis({"id": 1}, table="arn:aws:dynamodb:eu-west-1:210987654321:table/orders")
    (record,) = kinesis_event(payload)["Records"]
    assert record["kinesis"]["partitionKey"] == payload.aside["partition_key"]
    written = json.loads(base64.b64decode(record["kinesis"]["data"]))
    assert written["tableName"] == "orders"
    assert written["awsRegion"] == "eu-west-1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ApproximateCreationDateTimePrecision": "MICROSECONDS"}, "did you mean 'MICROSECOND'"),
        ({"event_name": "MODIFY"}, "give old="),
        ({"table": "x"}, "no table's name"),
    ],
)
def test_the_kinesis_form_refuses_what_cannot_be(arguments: dict[str, Any], message: str) -> None:
    """As the stream's own form does."""
    with pytest.raises(UsageError, match=message):
        dynamodb_to_kinesis({"id": 1}, **arguments)
    with pytest.raises(ClientError, match="Missing the key"):
        dynamodb_to_kinesis({"id": 1}, keys="pk")
