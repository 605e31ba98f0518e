"""How DynamoDB is joined to moto: late, as a unit, and without a trace; what a user's own mock had goes on."""

from __future__ import annotations

import datetime as dt
import gc
import subprocess
import sys
import textwrap
import weakref
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
from botocore.config import Config
from moto import mock_aws
from moto.backend_index import backend_url_patterns
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import StreamShard, Table
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.urls import url_bases

from pytest_lambda_events.brokers.moto.dynamodb import streams_table, table
from pytest_lambda_events.brokers.moto.dynamodb.engines import tables_of
from pytest_lambda_events.brokers.moto.surface import MotoSurface
from pytest_lambda_events.clock.travel import Travel
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.errors import UnsupportedMoto
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.trace import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

START_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
REGION = "eu-west-1"
BOTH = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
OPERATIONS = (*table.OPERATIONS, *streams_table.OPERATIONS)


def in_python(program: str) -> str:
    """What a program prints."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.strip()


SURFACE = """
    import sys
    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.clock.virtual import VirtualClock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.trace import Ledger
    surface = MotoSurface(VirtualClock(1_735_689_600_000), Ledger(), Identifiers(0), "eu-west-1")
    surface.start()
"""


def test_who_does_not_use_it_does_not_load_it() -> None:
    """Neither moto's nor ours."""
    loaded = 'print([name for name in sys.modules if "dynamodb" in name and "moto" in name])'
    assert in_python(SURFACE + f"    {loaded}") == "[]"


@pytest.mark.parametrize("first", ["moto.dynamodb", "moto.dynamodbstreams", "moto.dynamodb.responses"])
def test_it_goes_in_whichever_of_motos_modules_is_loaded_first(first: str) -> None:
    """And comes out again."""
    program = f"""
    import {first}, moto.dynamodbstreams
    from moto.dynamodb.models.table import Table
    from moto.dynamodbstreams.responses import DynamoDBStreamsHandler
    def ours():
        return [hasattr(f, "__wrapped__") for f in (Table.put_item, DynamoDBStreamsHandler.get_records)]
    print(ours())
    surface.stop()
    print(ours())
    """
    assert in_python(SURFACE + program) == "[True, True]\n[False, False]"


def test_afterwards_moto_is_what_it_was(clock: VirtualClock, ledger: Ledger) -> None:
    """Every operation, the class method, and the lists of hosts."""

    def state() -> list[Any]:
        operations = [vars(operation.owner)[operation.name] for operation in OPERATIONS]
        return [*operations, vars(Table)["create_from_cloudformation_json"], list(backend_url_patterns), [*url_bases]]

    before = state()
    surface = MotoSurface(clock, ledger, Identifiers(0), REGION)
    surface.start()
    meanwhile = state()
    surface.stop()
    assert state() == before
    assert all(now is not then for now, then in zip(meanwhile, before, strict=True))


def test_each_line_of_the_tables_is_there_once_and_says_its_rule() -> None:
    """The clauses stand where the code is."""
    keys = [(operation.owner, operation.name) for operation in OPERATIONS]
    assert len(keys) == len(set(keys))
    assert all(operation.replacement.__doc__ for operation in OPERATIONS)


@pytest.mark.parametrize(
    ("owner", "name", "value", "words"),
    [
        (Table, "put_item", None, r"Table has no put_item of its own"),
        (DynamoDBBackend, "update_item", lambda self, name: None, r"update_item takes \(name\), not \(table_name, key"),
        (StreamShard, "add", 3, r"StreamShard\.add is not a method"),
        (Table, "create_from_cloudformation_json", lambda self: None, "create_from_cloudformation_json is not a class"),
        (DynamoHandler, "_validate_table_creation", None, "DynamoHandler has no _validate_table_creation"),
        (table, "_TABLE_FIELDS", ("no_such_field",), r"Table has no no_such_field"),
    ],
)
def test_another_moto_is_refused_by_name(
    clock: VirtualClock, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, value: Any, words: str
) -> None:
    """And nothing is left of the attempt."""
    table.check_internals.cache_clear()
    if value is None:
        monkeypatch.delattr(owner, name)
    else:
        monkeypatch.setattr(owner, name, value)
    with pytest.raises(UnsupportedMoto, match=words):
        MotoSurface(clock, ledger, Identifiers(0), REGION).start()
    assert not hasattr(Table.delete_item, "__wrapped__")
    monkeypatch.undo()
    table.check_internals.cache_clear()
    surface = MotoSurface(clock, ledger, Identifiers(0), REGION)
    surface.start()
    surface.stop()


# -- clients and hosts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["preferred", "required", "disabled"])
def test_a_client_that_was_made_before_is_answered(
    clock: VirtualClock, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Whatever its mode of account-based endpoints, which a setting made later would not reach."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_ACCOUNT_ID", "123456789012")
    session = boto3.session.Session()
    config = Config(account_id_endpoint_mode=mode)
    early = session.client("dynamodbstreams", region_name=REGION, config=config)
    database = session.client("dynamodb", region_name=REGION, config=config)
    surface = MotoSurface(clock, ledger, Identifiers(0), REGION)
    surface.start()
    try:
        made = database.create_table(
            TableName="users",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification=BOTH,
        )
        arn = made["TableDescription"]["LatestStreamArn"]
        shards = early.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        assert len(shards) == 1
        assert early.list_streams()["Streams"][0]["StreamArn"] == arn
    finally:
        surface.stop()


# -- what moto's own code does ----------------------------------------------------------------------------------------


def backend() -> Any:
    return dynamodb_backends["123456789012"][REGION]


def test_writes_that_reach_into_moto_are_noted(world: Any) -> None:
    """The backend's and the table's methods, as other services of moto's use them."""
    arn = world.table()
    backend().put_item("users", {"id": {"S": "a"}})
    backend().tables["users"].put_item({"id": {"S": "b"}})
    backend().delete_item("users", {"id": {"S": "a"}})
    assert world.events(arn) == [("INSERT", "a"), ("INSERT", "b"), ("REMOVE", "a")]


def test_what_moto_itself_refuses_is_left_to_it(world: Any) -> None:
    """A key that is missing, or of another type."""
    arn = world.table()
    with pytest.raises(Exception, match="Missing the key id"):
        backend().put_item("users", {"n": {"N": "1"}})
    with pytest.raises(Exception, match="expected: S actual: N"):
        world.db.put_item(TableName="users", Item={"id": {"N": "1"}})
    with pytest.raises(Exception, match="provided key element does not match"):
        world.db.update_item(TableName="users", Key={"other": {"S": "a"}})
    backend().update_item("users", {"id": {"S": "a"}}, "", {}, {}, {})
    assert world.events(arn) == [("INSERT", "a")]


def test_an_update_with_a_key_of_another_type_is_left_to_moto(world: Any) -> None:
    """Which makes the item, and the table says why not."""
    world.table()
    with pytest.raises(Exception, match=r"expected: S actual: N"):
        world.db.update_item(TableName="users", Key={"id": {"N": "1"}})
    assert world.names() == []


def test_an_item_that_moto_finds_small_may_be_too_large(world: Any) -> None:
    """Moto forgets what lists and maps cost, and numbers.

    Page: amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    arn = world.table()
    flags = {"id": {"S": "a"}, "flags": {"L": [{"BOOL": True}] * 210_000}}
    with pytest.raises(Exception, match="Item size has exceeded the maximum allowed size"):
        backend().put_item("users", flags)
    assert (world.names(), world.events(arn)) == ([], [])


def test_a_refused_update_of_a_table_with_two_keys_changes_nothing(world: Any) -> None:
    """Whether the item was there or not."""
    world.db.create_table(
        TableName="users",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "at")],
        BillingMode="PAY_PER_REQUEST",
    )
    key = {"id": {"S": "a"}, "at": {"S": "1"}}
    world.db.put_item(TableName="users", Item={**key, "text": {"S": "x"}})
    for at in ("1", "2"):
        with pytest.raises(Exception, match="cannot be converted to a numeric value"):
            world.db.update_item(
                TableName="users",
                Key={**key, "at": {"S": at}},
                UpdateExpression="SET n = :n",
                ExpressionAttributeValues={":n": {"N": "many"}},
            )
    assert world.db.scan(TableName="users")["Items"] == [{**key, "text": {"S": "x"}}]


def test_a_table_without_a_stream_leaves_nothing_behind(world: Any) -> None:
    """When it is deleted."""
    world.table(view=None)
    world.put()
    world.db.delete_table(TableName="users")
    assert world.streams.list_streams()["Streams"] == []


def test_a_stream_never_pushes(world: Any) -> None:
    """Lambda polls. Moto's own mapping would call the function inside the write."""
    arn = world.table()
    backend().tables["users"].lambda_event_source_mappings["arn:aws:lambda:eu-west-1:123456789012:function:f"] = None
    world.put()
    assert world.events(arn) == [("INSERT", "a")]


def test_an_expiry_in_another_table_does_not_wait_for_its_own_call(world: Any, ledger: Ledger) -> None:
    """Any call of DynamoDB's lets happen what is due in all tables of its region, in each one's order."""
    arn = world.with_ttl()
    world.put(expires_at=world.at(5))
    world.table("other")
    world.wait(10)
    world.db.list_tables()
    assert [(entry.at_ms - START_MS, entry.record_id) for entry in ledger.places[arn]][-1][0] == 5_000


def test_a_table_made_anew_has_streams_of_its_own(world: Any) -> None:
    """The old one's stay readable beside them."""
    old = world.table()
    world.put("a")
    world.db.delete_table(TableName="users")
    world.wait(1)
    new = world.table()
    world.put("b")
    assert (world.events(old), world.events(new)) == ([("INSERT", "a")], [("INSERT", "b")])
    assert len(world.streams.list_streams(TableName="users")["Streams"]) == 2


def test_motos_reset_takes_streams_along(world: Any) -> None:
    """Those of deleted tables, too."""
    world.table("other")
    world.table()
    world.db.delete_table(TableName="users")
    assert len(world.streams.list_streams()["Streams"]) == 2
    requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=1)
    assert world.streams.list_streams()["Streams"] == []


def test_an_engine_goes_with_its_table(world: Any, surface: MotoSurface) -> None:
    """It hangs on it weakly; what a poller still holds is at rest."""
    world.with_ttl()
    world.put(expires_at=world.at(5))
    engine = tables_of(surface).of(backend().tables["users"])
    held, stream = weakref.ref(backend().tables["users"]), engine.stream
    backend().tables.clear()
    for kind in (Table, StreamShard):  # moto itself remembers all that it ever made, for its own dashboard
        kind.instances_tracked.clear()
    gc.collect()
    assert held() is None
    assert stream is not None
    stream.settle(START_MS + 10_000)
    engine.watch_expiry("other", START_MS)
    assert [shard.end for shard in stream.shards.values()] == [1]


def test_a_backup_is_no_table(world: Any) -> None:
    """What is restored from it has neither stream nor time to live.

    Page: amazondynamodb/latest/developerguide/backuprestore_HowItWorks.html
    """
    arn = world.with_ttl()
    world.put(expires_at=world.at(5))
    backup = world.db.create_backup(TableName="users", BackupName="backup")["BackupDetails"]["BackupArn"]
    world.wait(10)
    world.db.restore_table_from_backup(TargetTableName="restored", BackupArn=backup)
    assert world.db.scan(TableName="restored")["Count"] == 1
    world.db.delete_item(TableName="restored", Key={"id": {"S": "a"}})
    assert world.events(arn) == [("INSERT", "a"), ("REMOVE", "a")]


def test_the_trace_is_the_same_for_the_same_seed(clock: VirtualClock) -> None:
    """Sequence numbers, ids of events and shards, iterators."""

    def run() -> list[Any]:
        surface = MotoSurface(clock, Ledger(), Identifiers(7), REGION)
        surface.start()
        try:
            client = boto3.client("dynamodb", region_name=REGION)
            made = client.create_table(
                TableName="users",
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification=BOTH,
            )
            client.put_item(TableName="users", Item={"id": {"S": "a"}, "s": {"SS": ["z", "y", "x"]}})
            arn = made["TableDescription"]["LatestStreamArn"]
            streams = boto3.client("dynamodbstreams", region_name=REGION)
            [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
            iterator = streams.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            return [shard, iterator, streams.get_records(ShardIterator=iterator)["Records"]]
        finally:
            surface.stop()

    assert run() == run()


# -- a mock of the user's around it -----------------------------------------------------------------------------------


class Outer:
    """Moto as the user's own mock has it, before and after a harness."""

    def __init__(self) -> None:
        self.db = boto3.client("dynamodb", region_name=REGION)
        config = Config(account_id_endpoint_mode="disabled")
        self.streams = boto3.client("dynamodbstreams", region_name=REGION, config=config)
        self.arn = self.db.create_table(
            TableName="users",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification=BOTH,
        )["TableDescription"]["LatestStreamArn"]

    def put(self, name: str, **attributes: Any) -> None:
        self.db.put_item(TableName="users", Item={"id": {"S": name}, **attributes})

    def records(self) -> list[dict[str, Any]]:
        [shard] = self.streams.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"]
        iterator = self.streams.get_shard_iterator(
            StreamArn=self.arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        return self.streams.get_records(ShardIterator=iterator)["Records"]

    def events(self) -> list[tuple[str, str]]:
        return [(record["eventName"], record["dynamodb"]["Keys"]["id"]["S"]) for record in self.records()]


@pytest.fixture
def outer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outer]:
    """One that began on real time, ahead of virtual time."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with mock_aws():
        yield Outer()


def virtual(outer: Outer) -> Iterator[tuple[MotoSurface, VirtualClock]]:
    del outer
    clock = VirtualClock(START_MS)
    travel = Travel(clock)
    surface = MotoSurface(clock, Ledger(), Identifiers(0), REGION)
    surface.start()
    travel.start()
    yield surface, clock
    travel.stop()
    surface.stop()


@pytest.fixture
def joined(outer: Outer) -> Iterator[tuple[MotoSurface, VirtualClock]]:
    """A harness inside it."""
    outer.put("before", raw={"B": b"\x00"}, expires_at={"N": str(START_MS // 1000 + 60)})
    outer.put("before", n={"N": "1"}, expires_at={"N": str(START_MS // 1000 + 60)})
    outer.db.delete_item(TableName="users", Key={"id": {"S": "nobody"}})
    outer.put("deleted")
    outer.db.delete_item(TableName="users", Key={"id": {"S": "deleted"}})
    outer.db.update_time_to_live(
        TableName="users", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
    yield from virtual(outer)


def test_what_came_into_a_stream_before_stays(outer: Outer, joined: tuple[MotoSurface, VirtualClock]) -> None:
    """Under the same ARN, with its images, no later than now; time to live goes on, too."""
    _, clock = joined
    before = [("INSERT", "before"), ("MODIFY", "before"), ("INSERT", "deleted"), ("REMOVE", "deleted")]
    assert outer.events() == before
    modify = outer.records()[1]["dynamodb"]
    assert modify["OldImage"]["raw"] == {"B": b"\x00"}
    assert modify["NewImage"]["n"] == {"N": "1"}
    assert modify["ApproximateCreationDateTime"].timestamp() <= START_MS / 1000
    clock.jump_to(START_MS + 60_000)
    outer.put("after")
    assert outer.events() == [*before, ("REMOVE", "before"), ("INSERT", "after")]


def test_what_came_into_a_stream_meanwhile_stays(outer: Outer) -> None:
    """Moto goes on with it when the harness is over; what fell due in the last moment included."""
    outer.put("before")
    steps = virtual(outer)
    _, clock = next(steps)
    outer.db.update_time_to_live(
        TableName="users", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
    outer.put("due", raw={"BS": [b"\xff"]}, expires_at={"N": str(START_MS // 1000 + 10)})
    clock.jump_to(START_MS + 10_000)
    with pytest.raises(StopIteration):
        next(steps)
    outer.put("after")
    assert outer.events() == [("INSERT", "before"), ("INSERT", "due"), ("REMOVE", "due"), ("INSERT", "after")]
    records = outer.records()
    assert records[1]["dynamodb"]["NewImage"]["raw"] == {"BS": [b"\xff"]}
    assert records[2]["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    assert len({record["dynamodb"]["SequenceNumber"] for record in records}) == 4


def test_an_expiry_survives_two_harnesses(outer: Outer) -> None:
    """What the first one's time to live removed is still the service's doing in the second."""
    for _ in range(2):
        steps = virtual(outer)
        surface, clock = next(steps)
        if outer.db.describe_time_to_live(TableName="users")["TimeToLiveDescription"]["TimeToLiveStatus"] != "ENABLED":
            outer.db.update_time_to_live(
                TableName="users", TimeToLiveSpecification={"Enabled": True, "AttributeName": "at"}
            )
            outer.put("due", at={"N": str(START_MS // 1000 + 1)})
            clock.jump_to(START_MS + 1_000)
            assert outer.events() == [("INSERT", "due"), ("REMOVE", "due")]
        else:
            stream = tables_of(surface).of(backend().tables["users"]).stream
            assert stream is not None
            [shard] = stream.shards.values()
            assert [record.user_identity is not None for record in shard.records] == [False, True]
        with pytest.raises(StopIteration):
            next(steps)


def test_a_stream_that_was_disabled_before_stays_disabled(outer: Outer) -> None:
    """With moto alone every write then fails; here it takes nothing, and what is enabled is another one."""
    outer.db.update_table(TableName="users", StreamSpecification={"StreamEnabled": False})
    steps = virtual(outer)
    next(steps)
    outer.put("meanwhile")
    assert outer.streams.list_streams()["Streams"] == []
    outer.db.update_table(TableName="users", StreamSpecification=BOTH)
    outer.put("later")
    [stream] = outer.streams.list_streams()["Streams"]
    assert stream["StreamLabel"] == "2025-01-01T00:00:00.000"
    with pytest.raises(StopIteration):
        next(steps)


def test_a_table_without_a_stream_comes_and_goes(outer: Outer) -> None:
    """As it is."""
    steps = virtual(outer)
    next(steps)
    outer.db.create_table(
        TableName="plain",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    outer.db.put_item(TableName="plain", Item={"id": {"S": "a"}})
    with pytest.raises(StopIteration):
        next(steps)
    assert outer.db.scan(TableName="plain")["Count"] == 1


def test_records_older_than_a_day_are_left_behind(outer: Outer) -> None:
    """A stream keeps them no longer."""
    shard = backend().tables["users"].stream_shard
    outer.put("old")
    outer.put("new")
    part = shard.items[0].record["dynamodb"]
    created = dt.datetime.fromisoformat(str(part["ApproximateCreationDateTime"]))  # an older moto has text here
    part["ApproximateCreationDateTime"] = (created - dt.timedelta(days=2)).isoformat()
    steps = virtual(outer)
    next(steps)
    assert outer.events() == [("INSERT", "new")]
    with pytest.raises(StopIteration):
        next(steps)
