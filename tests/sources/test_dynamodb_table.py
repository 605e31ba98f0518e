"""A table as tests hold it: it writes through moto, and says what came into its stream."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pytest_lambda_events.brokers.moto.surface import MotoSurface
from pytest_lambda_events.clock.travel import Travel
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.model.trace import Ledger
from pytest_lambda_events.model.windows import TumblingWindow
from pytest_lambda_events.sources.dynamodb.broker import adopt_table, create_table
from pytest_lambda_events.sources.dynamodb.event import DynamoDbEventShape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lambda_events.sources.dynamodb.broker import DynamoDbTable

START_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
START = START_MS // 1000
REGION = "eu-west-1"
ARN = f"arn:aws:dynamodb:{REGION}:123456789012:table/users"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualClock]:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    clock = VirtualClock(START_MS)
    travel = Travel(clock)
    travel.start()
    yield clock
    travel.stop()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def surface(clock: VirtualClock, ledger: Ledger) -> Iterator[MotoSurface]:
    surface = MotoSurface(clock, ledger, Identifiers(0), REGION)
    surface.start()
    yield surface
    surface.stop()


@pytest.fixture
def make(surface: MotoSurface, clock: VirtualClock, ledger: Ledger) -> Callable[..., DynamoDbTable]:
    def make(name: str = "users", keys: Any = ("id",), ttl: str | None = None, **attributes: Any) -> DynamoDbTable:
        return create_table(name, attributes, surface, clock, ledger, keys=keys, ttl=ttl)

    return make


@pytest.fixture
def table(make: Callable[..., DynamoDbTable]) -> DynamoDbTable:
    return make()


@pytest.fixture
def client(surface: MotoSurface) -> Any:
    return boto3.client("dynamodb", region_name=REGION)


# -- writing ----------------------------------------------------------------------------------------------------------


def test_each_write_gives_the_records_that_came_to_be(table: DynamoDbTable) -> None:
    """INSERT, MODIFY, REMOVE with their images, and nothing for what changes nothing."""
    [insert] = table.put({"id": "a", "n": 1})
    [modify] = table.update("a", {"n": 2, "tags": {"x"}})
    [remove] = table.delete("a")
    assert [insert.event_name, modify.event_name, remove.event_name] == ["INSERT", "MODIFY", "REMOVE"]
    assert modify.old_image == {"id": {"S": "a"}, "n": {"N": "1"}}
    assert modify.new_image == remove.old_image == {"id": {"S": "a"}, "n": {"N": "2"}, "tags": {"SS": ["x"]}}
    assert table.put({"id": "b"}) != []
    assert [table.put({"id": "b"}), table.update("b", {}), table.delete("a")] == [[], [], []]
    assert [record.event_name for record in table.records] == ["INSERT", "MODIFY", "REMOVE", "INSERT"]


def test_items_are_pythons_and_ordered_by_key(table: DynamoDbTable) -> None:
    """As boto3's resource gives them."""
    table.put({"id": "b", "raw": b"\x00", "list": [1, None, {"deep": True}]})
    table.put({"id": "a", "n": 1.5})
    assert table.items == [
        {"id": "a", "n": Decimal("1.5")},
        {"id": "b", "raw": b"\x00", "list": [Decimal(1), None, {"deep": True}]},
    ]


def test_the_users_client_sees_the_same_table(table: DynamoDbTable, client: Any) -> None:
    """And what it writes is among the records."""
    table.put({"id": "a", "raw": b"\x00\xff"})
    assert client.get_item(TableName="users", Key={"id": {"S": "a"}})["Item"]["raw"] == {"B": b"\x00\xff"}
    client.put_item(TableName="users", Item={"id": {"S": "b"}})
    assert [record.json()["id"] for record in table.records] == ["a", "b"]


def test_an_update_removes_sets_and_makes(table: DynamoDbTable) -> None:
    """ABSENT removes an attribute; names may be anything; an item that was not there is made."""
    table.put({"id": "a", "old": 1, "size": 2})
    [record] = table.update({"id": "a"}, {"old": ABSENT, "size": 3, "dotted.name #1": [1]})
    assert record.json() == {"id": "a", "size": Decimal(3), "dotted.name #1": [Decimal(1)]}
    [insert] = table.update("b", {})
    assert (insert.event_name, insert.json()) == ("INSERT", {"id": "b"})


def test_a_table_with_two_keys(make: Callable[..., DynamoDbTable]) -> None:
    """Types are strings unless they are given."""
    table = make(keys={"pk": "S", "at": "N"})
    table.put({"pk": "a", "at": 2})
    table.put({"pk": "a", "at": 1})
    [record] = table.update({"pk": "a", "at": 1}, {"x": True})
    assert record.keys == {"pk": {"S": "a"}, "at": {"N": "1"}}
    assert [item["at"] for item in table.items] == [1, 2]
    table.delete({"pk": "a", "at": 2})
    assert table.items == [{"pk": "a", "at": Decimal(1), "x": True}]


def test_writes_that_are_announced_happen_at_their_time(table: DynamoDbTable, clock: VirtualClock) -> None:
    """Nothing has come to be when they are announced; the engine knows when to look."""
    assert table.put({"id": "a"}, at=10) == []
    assert table.update("a", {"n": 1}, at=20) == []
    assert table.delete("a", at=30) == []
    assert (table.items, table.engine.next_change(clock.now_ms)) == ([], START_MS + 10_000)
    clock.jump_to(START_MS + 25_000)
    assert table.items == [{"id": "a", "n": Decimal(1)}]
    clock.jump_to(START_MS + 40_000)
    assert [(record.event_name, record.created_ms - START_MS) for record in table.records] == [
        ("INSERT", 10_000),
        ("MODIFY", 20_000),
        ("REMOVE", 30_000),
    ]
    assert table.engine.next_change(clock.now_ms) is None
    with pytest.raises(UsageError, match=r"at=39 lies in the past: virtual time is at 40 s"):
        table.put({"id": "a"}, at=39)
    assert len(table.put({"id": "a"}, at=40)) == 1


def test_an_announced_write_that_is_refused_says_so_when_its_time_comes(
    table: DynamoDbTable, clock: VirtualClock
) -> None:
    """To whoever looks then; the item is as it was."""
    table.put({"id": "a", "half": "x" * 300_000})
    table.update("a", {"more": "x" * 200_000}, at=1)
    clock.jump_to(START_MS + 1_000)
    with pytest.raises(ClientError, match="Item size to update has exceeded the maximum allowed size") as caught:
        _ = table.items
    assert caught.value.operation_name == "UpdateItem"
    assert [list(item) for item in table.items] == [["id", "half"]]


def test_expiries_and_announced_writes_happen_in_order(make: Callable[..., DynamoDbTable], clock: VirtualClock) -> None:
    """At the same moment a write comes first, and may save the item."""
    table = make(ttl="until")
    table.put({"id": "saved", "until": START + 10})
    table.put({"id": "gone", "until": START + 10})
    table.update("saved", {"until": START + 100}, at=10)
    table.put({"id": "late"}, at=11)
    assert table.engine.next_expiry_ms(clock.now_ms) == START_MS + 10_000
    clock.jump_to(START_MS + 60_000)
    assert [(record.event_name, record.json()["id"], record.created_ms - START_MS) for record in table.records[2:]] == [
        ("MODIFY", "saved", 10_000),
        ("REMOVE", "gone", 10_000),
        ("INSERT", "late", 11_000),
    ]
    assert table.engine.next_expiry_ms(clock.now_ms) == START_MS + 100_000


def test_a_write_does_not_claim_what_fell_due_before_it(
    make: Callable[..., DynamoDbTable], clock: VirtualClock
) -> None:
    """What it returns is its own."""
    table = make(ttl="until")
    table.put({"id": "a", "until": START + 1})
    clock.jump_to(START_MS + 1_000)
    assert [record.json()["id"] for record in table.put({"id": "b"})] == ["b"]


def test_time_to_live_works_without_a_stream(make: Callable[..., DynamoDbTable], clock: VirtualClock) -> None:
    """Items go, and no record tells of it."""
    table = make(keys={"pk": "S", "at": "N"}, ttl="until", StreamViewType=None)
    assert table.put({"pk": "a", "at": 1, "until": START + 1}) == []
    table.put({"pk": "a", "at": 2})
    clock.jump_to(START_MS + 1_000)
    assert table.items == [{"pk": "a", "at": Decimal(2)}]
    assert table.records == []


@pytest.mark.parametrize(
    ("write", "operation", "message"),
    [
        (lambda table: table.put({"n": 1}), "PutItem", "Missing the key id in the item"),
        (lambda table: table.put({"id": 1}), "PutItem", "Type mismatch for key id expected: S actual: N"),
        (lambda table: table.put({"id": ""}), "PutItem", "cannot contain an empty string value. Key: id"),
        (lambda table: table.put({"id": "a", "s": "x" * 409_600}), "PutItem", "Item size has exceeded the maximum"),
        (lambda table: table.put({"id": "a", "n": 10**126}), "PutItem", "Number overflow"),
        (lambda table: table.update(1, {}), "UpdateItem", "The provided key element does not match the schema"),
        (lambda table: table.update({"x": "a"}, {}), "UpdateItem", "The provided key element does not match"),
        (lambda table: table.update("a", {"id": "b"}), "UpdateItem", "Cannot update attribute id. This attribute is"),
        (lambda table: table.delete({"id": "a", "x": 1}), "DeleteItem", "The provided key element does not match"),
        (lambda table: table.delete(""), "DeleteItem", "cannot contain an empty string value"),
    ],
)
def test_what_dynamodb_refuses_is_refused_in_its_words(
    table: DynamoDbTable, write: Callable[[DynamoDbTable], Any], operation: str, message: str
) -> None:
    """As a ClientError of the operation, and nothing has changed."""
    with pytest.raises(ClientError, match=message) as caught:
        write(table)
    assert caught.value.operation_name == operation
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert (table.items, table.records) == ([], [])


def test_what_is_no_item_is_a_misuse(make: Callable[..., DynamoDbTable]) -> None:
    """Types that DynamoDB does not have, and a key that is no mapping where it has two parts."""
    with pytest.raises(UsageError, match="when is a object"):
        make("first").put({"id": "a", "when": object()})
    with pytest.raises(UsageError, match="an item is a mapping"):
        make("second", keys=("pk", "sk")).delete("a")


def test_a_deleted_table_takes_no_more(table: DynamoDbTable, client: Any, clock: VirtualClock) -> None:
    """What was announced is forgotten; what came into the stream stays."""
    table.put({"id": "a"})
    table.put({"id": "b"}, at=10)
    client.delete_table(TableName="users")
    with pytest.raises(ClientError, match="Table: users not found"):
        table.put({"id": "c"})
    clock.jump_to(START_MS + 20_000)
    assert [record.json()["id"] for record in table.records] == ["a"]
    assert table.engine.next_change(clock.now_ms) is None


# -- making -----------------------------------------------------------------------------------------------------------


def test_a_table_is_on_demand_and_has_a_stream_of_both_images(table: DynamoDbTable, client: Any) -> None:
    """Unless something else is asked for."""
    made = client.describe_table(TableName="users")["Table"]
    assert (table.name, table.arn) == ("users", ARN)
    assert table.stream_arn == made["LatestStreamArn"] == f"{ARN}/stream/2025-01-01T00:00:00.000"
    assert made["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert made["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert made["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert repr(table) == f"<DynamoDbTable {ARN}>"


def test_create_tables_parameters_keep_their_names(make: Callable[..., DynamoDbTable], client: Any) -> None:
    """Indexes, throughput, a view type, a stream specification in full."""
    index = {
        "IndexName": "by-mail",
        "KeySchema": [{"AttributeName": "mail", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    make(
        "first",
        AttributeDefinitions=[{"AttributeName": "mail", "AttributeType": "S"}],
        GlobalSecondaryIndexes=[index],
        StreamViewType="KEYS_ONLY",
    ).put({"id": "a", "mail": "a@b.c"})
    found = client.query(
        TableName="first",
        IndexName="by-mail",
        KeyConditionExpression="mail = :m",
        ExpressionAttributeValues={":m": {"S": "a@b.c"}},
    )
    assert found["Count"] == 1
    make(
        "second",
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "N"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    ).put({"key": 1})
    second = client.describe_table(TableName="second")["Table"]
    assert second["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert second["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "no"}, "Invalid table/index name"),
        ({"keys": {"id": "BOOL"}}, "Value 'BOOL' at 'attributeDefinitions.1.member.attributeType' failed"),
        ({"keys": ("a", "b", "c")}, "at 'keySchema' failed to satisfy constraint: Member must have length less than"),
        ({"StreamViewType": "ALL"}, "Value 'ALL' at 'streamSpecification.streamViewType' failed"),
        ({"BillingMode": "PROVISIONED"}, "ReadCapacityUnits and WriteCapacityUnits must both be specified"),
    ],
)
def test_what_create_table_refuses_is_refused_in_its_words(
    make: Callable[..., DynamoDbTable], arguments: dict[str, Any], message: str
) -> None:
    """As a ValidationException of CreateTable."""
    with pytest.raises(ClientError, match=message) as caught:
        make(**arguments)
    assert (caught.value.operation_name, caught.value.response["Error"]["Code"]) == (
        "CreateTable",
        "ValidationException",
    )


def test_the_same_name_twice_is_refused(make: Callable[..., DynamoDbTable]) -> None:
    """ResourceInUseException."""
    make()
    with pytest.raises(ClientError, match="Table already exists: users") as caught:
        make()
    assert caught.value.response["Error"]["Code"] == "ResourceInUseException"


def test_what_create_table_does_not_have_is_a_misuse(make: Callable[..., DynamoDbTable]) -> None:
    """With the nearest name; a table needs a key; one stream is enough."""
    with pytest.raises(UsageError, match=r"no parameter StreamViewtype \(did you mean 'StreamViewType'\?\)"):
        make(StreamViewtype="KEYS_ONLY")
    with pytest.raises(UsageError, match="a table has a key"):
        make(keys=())
    with pytest.raises(UsageError, match="give one of them, not both"):
        make(StreamViewType="KEYS_ONLY", StreamSpecification={"StreamEnabled": False})


def test_a_single_key_may_be_a_word(make: Callable[..., DynamoDbTable]) -> None:
    """And not its letters."""
    assert make(keys="name").put({"name": "a"})[0].keys == {"name": {"S": "a"}}


def test_a_table_without_a_stream_says_so(make: Callable[..., DynamoDbTable]) -> None:
    """When its stream is asked for."""
    table = make(StreamViewType=None)
    assert table.records == []
    with pytest.raises(UsageError, match="the table users has no stream: make it with StreamViewType"):
        _ = table.stream_arn


# -- adopting ---------------------------------------------------------------------------------------------------------


def test_a_table_is_adopted_by_name_arn_or_streams_arn(
    table: DynamoDbTable, surface: MotoSurface, clock: VirtualClock, ledger: Ledger
) -> None:
    """All of them are the same table."""
    table.put({"id": "a"})
    for reference in ("users", ARN, table.stream_arn):
        adopted = adopt_table(reference, surface, clock, ledger)
        assert (adopted.arn, adopted.stream_arn, adopted.records) == (ARN, table.stream_arn, table.records)
        assert adopted.engine is table.engine


def test_a_streams_arn_is_about_that_stream(
    table: DynamoDbTable, surface: MotoSurface, clock: VirtualClock, ledger: Ledger, client: Any
) -> None:
    """The table itself is about its latest one, and has the records of all."""
    first = table.stream_arn
    table.put({"id": "a"})
    client.update_table(TableName="users", StreamSpecification={"StreamEnabled": False})
    assert table.stream_arn == first
    client.update_table(TableName="users", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    table.put({"id": "b"})
    old = adopt_table(first, surface, clock, ledger)
    assert (old.stream_arn, [record.json()["id"] for record in old.records]) == (first, ["a"])
    assert (table.stream_arn == first, [record.json()["id"] for record in table.records]) == (False, ["a", "b"])
    clock.jump_to(START_MS + 86_400_000)
    with pytest.raises(ClientError, match=f"Stream: {first} not found") as caught:
        adopt_table(first, surface, clock, ledger)
    assert table.stream_arn in str(caught.value)


@pytest.mark.parametrize(
    ("reference", "operation", "message", "hint"),
    [
        ("user", "DescribeTable", "Requested resource not found: Table: user not found", "there is users"),
        (f"{ARN}s", "DescribeTable", f"Table: {ARN}s not found", "there is users"),
        (ARN.replace("eu-", "us-"), "DescribeTable", "not found", f"there is {ARN}, in another account or region"),
        (f"{ARN}/stream/2024", "DescribeStream", f"Stream: {ARN}/stream/2024 not found", "the table has no stream"),
        (f"{ARN}x/stream/1", "DescribeStream", f"Stream: {ARN}x/stream/1 not found", "there is users"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    make: Callable[..., DynamoDbTable],
    surface: MotoSurface,
    clock: VirtualClock,
    ledger: Ledger,
    reference: str,
    operation: str,
    message: str,
    hint: str,
) -> None:
    """ResourceNotFoundException in AWS's words, and the nearest."""
    make(StreamViewType=None)
    with pytest.raises(ClientError) as caught:
        adopt_table(reference, surface, clock, ledger)
    assert (caught.value.operation_name, caught.value.response["Error"]["Code"]) == (
        operation,
        "ResourceNotFoundException",
    )
    assert message in str(caught.value)
    assert hint in str(caught.value)


def test_without_any_table_there_is_nothing_to_adopt(surface: MotoSurface, clock: VirtualClock, ledger: Ledger) -> None:
    """Which is said."""
    with pytest.raises(ClientError, match="moto has no table at all; make one first"):
        adopt_table("users", surface, clock, ledger)


def test_handles_are_equal_when_they_are_about_the_same_table(
    make: Callable[..., DynamoDbTable], surface: MotoSurface, clock: VirtualClock, ledger: Ledger
) -> None:
    """Whoever made them."""
    one, other = make("one"), make("other")
    again = adopt_table("one", surface, clock, ledger)
    assert one._handle == again._handle != other._handle
    assert hash(one._handle) == hash(again._handle)
    assert one._handle != "one"
    assert repr(one._handle) == f"<TableHandle {one.arn}>"


# -- as a poller sees it ----------------------------------------------------------------------------------------------


def test_the_event_of_a_window_has_its_keys_in_the_captured_order(table: DynamoDbTable) -> None:
    """Records first, then the window; a record's text is not parsed again."""
    [record] = table.put({"id": "é"})
    shape = DynamoDbEventShape(table.stream_arn)
    text = shape.record_text(record)
    window = TumblingWindow(seconds=30, state={"sum": 1}, is_final=False, terminated_early=False)
    event_text = shape.window_text([text, text], window, shard_id="shardId-1", moment_ms=START_MS)
    assert text in event_text
    assert json.loads(event_text) == {
        "Records": [json.loads(text)] * 2,
        "shardId": "shardId-1",
        "eventSourceARN": table.stream_arn,
        "window": {"start": "2025-01-01T00:00:00Z", "end": "2025-01-01T00:00:30Z"},
        "state": {"sum": 1},
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }
    assert list(json.loads(event_text)) == [
        "Records",
        "shardId",
        "eventSourceARN",
        "window",
        "state",
        "isFinalInvokeForWindow",
        "isWindowTerminatedEarly",
    ]
    final = TumblingWindow(seconds=30, state={}, is_final=True, terminated_early=False)
    assert json.loads(shape.window_text([], final, shard_id="s", moment_ms=START_MS))["Records"] == []


def test_a_mapping_is_about_the_stream(make: Callable[..., DynamoDbTable], clock: VirtualClock) -> None:
    """Its EventSourceArn is the stream's, and settling it lets items expire."""
    table = make(ttl="until")
    table.put({"id": "a", "until": START + 1})
    assert table.mapped_arn == table.stream_arn
    clock.jump_to(START_MS + 1_000)
    table.settle(clock.now_ms)
    [shard] = table.engine.shards.values()
    assert [record.event_name for record in shard.records] == ["INSERT", "REMOVE"]


def test_a_record_is_named_by_its_number_and_ordered_by_its_key(make: Callable[..., DynamoDbTable]) -> None:
    """Whatever the order of the key's attributes, and whatever else changed."""
    table = make(keys=("pk", "sk"))
    [first] = table.put({"pk": "a", "sk": "b"})
    [second] = table.put({"sk": "b", "pk": "a", "n": 1})
    [third] = table.put({"pk": "b", "sk": "a"})
    shape = DynamoDbEventShape(table.stream_arn)
    assert shape.item_identifier(first) == first.id
    assert shape.order_key(first) == shape.order_key(second) != shape.order_key(third)
    assert len({shape.order_key(record) for record in (first, second, third)}) == 2
