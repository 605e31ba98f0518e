"""Capturing from Kinesis and DynamoDB Streams over HTTP: what the function would get; nobody notices."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest
from botocore.exceptions import ClientError

from pytest_lambda_events.cassette.capture.dynamodb import _Streams as dynamodb_service
from pytest_lambda_events.cassette.capture.kinesis import _Kinesis as kinesis_service
from pytest_lambda_events.cassette.capture.shards import Page, Shard, ShardReader, left_alone
from pytest_lambda_events.sources import identify, validate


def contents(client, **asked):
    """Every record of every shard, as a consumer of its own reads them."""
    found = []
    for shard in client.list_shards(**asked)["Shards"]:
        iterator = client.get_shard_iterator(**asked, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
        answer = client.get_records(ShardIterator=iterator["ShardIterator"])
        found += [(shard["ShardId"], one["SequenceNumber"], one["Data"]) for one in answer["Records"]]
    return found


def sound(event):
    return [one for one in validate(event) if one.severity == "error" and "sequenceNumber" not in str(one.path)]


# -- Kinesis -----------------------------------------------------------------------------------------------------------


def test_kinesis_events_are_what_the_function_would_get(aws, captured, records):
    """Bytes, keys, numbers, shards and times as the stream has them; the role is made up, and marked."""
    stream = aws.stream(b'{"n": 1}', b"\x00\xff", "Ünï".encode())

    cassette = captured("kinesis", stream)

    assert {identify(one.event).name for one in cassette.interactions} == {"kinesis"}
    assert [base64.b64decode(one["kinesis"]["data"]) for one in records(cassette)] == [
        b'{"n": 1}',
        b"\x00\xff",
        "Ünï".encode(),
    ]
    assert [one["kinesis"]["partitionKey"] for one in records(cassette)] == ["key-0", "key-1", "key-2"]
    assert cassette.interactions[0].invented == ("Records[*].invokeIdentityArn",)
    first = records(cassette)[0]
    assert first["eventSourceARN"] == f"arn:aws:kinesis:us-east-1:123456789012:stream/{stream}"
    assert first["eventID"] == f"shardId-000000000000:{first['kinesis']['sequenceNumber']}"
    arrived = first["kinesis"]["approximateArrivalTimestamp"]
    assert abs(arrived - dt.datetime.now(dt.timezone.utc).timestamp()) < 600


def test_a_role_that_is_given_is_not_marked(aws, captured, records):
    """It is what the function has."""
    role = "arn:aws:iam::123456789012:role/orders"
    cassette = captured("kinesis", aws.stream(b"a"), "--role", role)
    assert cassette.interactions[0].invented == ()
    assert records(cassette)[0]["invokeIdentityArn"] == role


def test_the_stream_is_as_it_was(aws, captured):
    """What another reader finds, shard by shard; events are of one shard each."""
    stream = aws.stream(*(b"%d" % number for number in range(12)), shards=3)
    before = contents(aws.client("kinesis"), StreamName=stream)

    cassette = captured("kinesis", stream, "--batch-size", "5")

    assert contents(aws.client("kinesis"), StreamName=stream) == before
    got = [
        (one["eventID"].partition(":")[0], one["kinesis"]["sequenceNumber"], base64.b64decode(one["kinesis"]["data"]))
        for interaction in cassette.interactions
        for one in interaction.event["Records"]
    ]
    assert sorted(got) == sorted(before)
    for interaction in cassette.interactions:
        assert len(interaction.event["Records"]) <= 5
        assert len({one["eventID"].partition(":")[0] for one in interaction.event["Records"]}) == 1


def test_where_to_begin_and_which_shard(aws, captured, cli):
    """By a moment, at the tip, in one shard; by ARN."""
    stream = aws.stream(b"a", b"b")
    arn = f"arn:aws:kinesis:us-east-1:123456789012:stream/{stream}"
    assert len(captured("kinesis", arn, "--from", "2020-01-01T00:00:00Z").interactions) == 1
    for given, code, told in (
        (("--from", "latest", "--for", "0"), 1, "nothing was captured"),
        (("--from", "latest"), 2, "say how long to wait for it with --for"),
        (("--shard", "shardId-000000000009"), 2, "there is no shard 'shardId-000000000009'; there are shardId-00"),
    ):
        ended = cli("capture", "kinesis", stream, *given, "--endpoint-url", aws.url, "--out", "none.json")
        assert (ended.code, told in ended.err) == (code, True), ended.err


def test_what_comes_later_is_waited_for(aws, captured, records, monkeypatch):
    """With --for, from the tip of the stream on."""
    stream = aws.stream(b"before")
    client = aws.client("kinesis")

    def pause(self, seconds):
        client.put_record(StreamName=stream, Data=b"after", PartitionKey="k")

    monkeypatch.setattr("pytest_lambda_events.cassette.capture.waiting.Patience.pause", pause)
    cassette = captured("kinesis", stream, "--from", "latest", "--for", "60", "--count", "2")
    assert [base64.b64decode(one["kinesis"]["data"]) for one in records(cassette)] == [b"after", b"after"]


# -- DynamoDB ----------------------------------------------------------------------------------------------------------


def answered_image(aws, table):
    """The first new image, as the stream answers; the oldest moto that is supported encodes bytes twice there."""
    streams = aws.client("dynamodbstreams")
    (stream,) = streams.list_streams(TableName=table)["Streams"]
    (shard,) = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]
    place = {"StreamArn": stream["StreamArn"], "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = streams.get_shard_iterator(**place)["ShardIterator"]
    return streams.get_records(ShardIterator=iterator)["Records"][0]["dynamodb"]["NewImage"]


def in_base64(value):
    """A value of boto3's as JSON has it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: in_base64(one) for name, one in value.items()}
    return [in_base64(one) for one in value] if isinstance(value, list) else value


def test_dynamodb_events_are_what_the_function_would_get(aws, captured, records):
    """Images of every type, bytes as base64; nothing is invented."""
    item = {
        "id": {"S": "1"},
        "raw": {"B": b"\x00\xff"},
        "raws": {"BS": [b"a"]},
        "in": {"M": {"list": {"L": [{"B": b"b"}, {"N": "1.5"}]}}},
    }
    table = aws.table(item)
    aws.client("dynamodb").delete_item(TableName=table, Key={"id": {"S": "1"}})

    cassette = captured("dynamodb", table)

    (interaction,) = cassette.interactions
    assert identify(interaction.event).name == "dynamodb"
    assert interaction.invented == ()
    put, removed = records(cassette)
    image = in_base64(answered_image(aws, table))
    assert image["in"]["M"]["list"]["L"][1] == {"N": "1.5"}
    assert put["dynamodb"]["NewImage"] == removed["dynamodb"]["OldImage"] == image
    assert [put["eventName"], removed["eventName"]] == ["INSERT", "REMOVE"]
    assert put["dynamodb"]["Keys"] == {"id": {"S": "1"}}
    assert put["eventSourceARN"].startswith(f"arn:aws:dynamodb:us-east-1:123456789012:table/{table}/stream/")


def test_a_removal_by_time_to_live_says_so(aws, captured, records, monkeypatch):
    """`userIdentity`, in the event's own spelling. Moto has no such records, so one is added to its answer."""
    import botocore.client

    made = botocore.client.BaseClient._make_api_call

    def call(self, name, asked):
        answer = made(self, name, asked)
        for one in answer.get("Records", []) if name == "GetRecords" else []:
            one["userIdentity"] = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
        return answer

    table = aws.table({"id": {"S": "1"}})
    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", call)
    (record,) = records(captured("dynamodb", table))
    assert record["userIdentity"] == {"principalId": "dynamodb.amazonaws.com", "type": "Service"}


def test_a_tables_stream_is_as_it_was_and_may_be_named_itself(aws, captured):
    """The same records for everybody, however often they are read."""
    table = aws.table(*({"id": {"S": str(number)}} for number in range(4)))
    arn = aws.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
    first = captured("dynamodb", table, "--out", "first.json")
    second = captured("dynamodb", arn, "--out", "second.json", "--batch-size", "3")
    assert [len(one.event["Records"]) for one in second.interactions] == [3, 1]
    together = [record for one in second.interactions for record in one.event["Records"]]
    assert json.dumps(together) == json.dumps(first.interactions[0].event["Records"])


def test_a_table_without_a_stream_is_said_to_have_none(aws, cli):
    """With what to do."""
    name, client = aws.unique("plain"), aws.client("dynamodb")
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    code, _, err = cli("capture", "dynamodb", name, "--endpoint-url", aws.url)
    assert code == 2
    assert f"{name} has no stream" in err


# -- what moto does not do ---------------------------------------------------------------------------------------------


class Pages:
    """A client that lists shards in two pages, and notes what it is asked for."""

    def __init__(self):
        self.asked = []

    def list_shards(self, **asked):
        self.asked.append(asked)
        number = "2" if "NextToken" in asked else "1"
        more = {} if "NextToken" in asked else {"NextToken": "more"}
        shard = {"ShardId": f"shard-{number}", "AdjacentParentShardId": "old", "SequenceNumberRange": {}}
        return {"Shards": [shard], **more}

    def describe_stream(self, **asked):
        self.asked.append(asked)
        number = "2" if "ExclusiveStartShardId" in asked else "1"
        more = {} if "ExclusiveStartShardId" in asked else {"LastEvaluatedShardId": "shard-1"}
        ended = {"EndingSequenceNumber": "9"} if number == "1" else {}
        shard = {"ShardId": f"shard-{number}", "ParentShardId": "old", "SequenceNumberRange": ended}
        return {"StreamDescription": {"Shards": [shard], **more}}

    def get_shard_iterator(self, **asked):
        self.asked.append(asked)
        return {"ShardIterator": "i"}


def test_kinesis_lists_shards_in_pages_and_goes_on_behind_a_record():
    """A token goes alone; an iterator begins behind a sequence number."""
    client = Pages()
    service = kinesis_service(client, "arn")
    assert service.shards() == [
        Shard(id="shard-1", parents=("old",), closed=False),
        Shard(id="shard-2", parents=("old",), closed=False),
    ]
    assert client.asked == [{"StreamARN": "arn"}, {"NextToken": "more"}]
    service.iterator("shard-1", "oldest", "7")
    assert client.asked[-1] == {
        "StreamARN": "arn",
        "ShardId": "shard-1",
        "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
        "StartingSequenceNumber": "7",
    }


def test_dynamodb_lists_shards_in_pages_and_goes_on_behind_a_record():
    """From the last shard that was told."""
    client = Pages()
    service = dynamodb_service(client, "arn")
    assert service.shards() == [
        Shard(id="shard-1", parents=("old",), closed=True),
        Shard(id="shard-2", parents=("old",), closed=False),
    ]
    assert client.asked[-1] == {"StreamArn": "arn", "ExclusiveStartShardId": "shard-1"}
    service.iterator("shard-1", "oldest", "7")
    assert client.asked[-1] == {
        "StreamArn": "arn",
        "ShardId": "shard-1",
        "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
        "SequenceNumber": "7",
    }


# -- shards, in every state that they can be in ------------------------------------------------------------------------


class Service:
    """Shards that are lists of numbers; `parents` and `closed` as told; problems to raise, one for each read."""

    def __init__(self, shards, problems=()):
        self.content = shards
        self.listed = [Shard(id=name, parents=parents, closed=closed) for name, (_, parents, closed) in shards.items()]
        self.problems = list(problems)
        self.iterators = []

    def shards(self):
        return self.listed

    def iterator(self, shard_id, start, after):
        self.iterators.append((shard_id, start, after))
        return f"{shard_id}:{0 if after is None else int(after) + 1}"

    def read(self, iterator, most):
        if self.problems:
            problem = self.problems.pop(0)
            if problem:
                raise ClientError({"Error": {"Code": problem, "Message": ""}}, "GetRecords")
        shard, _, place = iterator.partition(":")
        records, _, closed = self.content[shard]
        found = [number for number in records if number >= int(place)][:most]
        at_tip = not found or found[-1] == records[-1]
        following = None if closed and at_tip else f"{shard}:{found[-1] + 1 if found else place}"
        return Page(records=found, following=following, at_tip=at_tip)

    def sequence_number(self, record):
        return str(record)


def everything(reader, most=100):
    found = []
    for _ in range(50):
        found += reader.take(most)
        if reader.at_rest:
            return found
    raise AssertionError(found)


def test_parents_are_read_before_their_children():
    """As Lambda does after a split or a merge."""
    service = Service(
        {
            "child": ([5, 6], ("left", "right"), False),
            "left": ([1, 2], (), True),
            "right": ([3, 4], (), True),
        }
    )
    reader = ShardReader(service, "oldest")
    assert everything(reader, most=1) == [
        ("left", 1),
        ("left", 2),
        ("right", 3),
        ("right", 4),
        ("child", 5),
        ("child", 6),
    ]
    assert not reader.over


def test_children_that_come_meanwhile_are_found():
    """A shard that ends is a reason to list them again; they begin with their oldest record, whatever was asked for."""
    service = Service({"old": ([1], (), True), "new": ([2], ("old",), False)})
    later = service.listed
    service.listed = [Shard(id="old", parents=(), closed=False)]
    reader = ShardReader(service, "latest")
    reader.take(0)  # listed, and nothing read
    service.listed = later
    assert everything(reader) == [("old", 1), ("new", 2)]
    assert service.iterators == [("old", "latest", None), ("new", "oldest", None)]


def test_at_the_tip_closed_shards_are_left_out():
    """Nothing can come there."""
    reader = ShardReader(Service({"old": ([1], (), True), "new": ([2], ("old",), False)}), "latest")
    assert [shard for shard, _ in everything(reader)] == ["new"]


def test_one_closed_shard_is_over_when_it_is_read():
    """Waiting for it would be in vain."""
    reader = ShardReader(Service({"old": ([1], (), True), "new": ([2], ("old",), False)}), "oldest", "old")
    assert everything(reader) == [("old", 1)]
    assert reader.over


def test_an_empty_read_may_have_records_behind_it():
    """DynamoDB does not say, so it is asked more than once."""

    class Gaps(Service):
        reads = 0

        def read(self, iterator, most):
            self.reads += 1
            page = (
                super().read(iterator, most) if self.reads == 2 else Page(records=[], following=iterator, at_tip=False)
            )
            return Page(records=page.records, following=page.following, at_tip=False)

    service = Gaps({"one": ([1], (), False)})
    assert everything(ShardReader(service, "oldest", None, 3)) == [("one", 1)]
    assert service.reads == 5


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "LimitExceededException"])
def test_being_asked_to_slow_down_is_no_error(code):
    """It is said afterwards."""
    reader = ShardReader(Service({"one": ([1], (), False)}, [code]), "oldest")
    assert everything(reader) == [("one", 1)]
    assert "1 times to read more slowly" in left_alone(reader).told[1]


def test_an_iterator_that_expired_is_renewed_behind_the_last_record():
    """Five minutes are not much for a slow capture."""
    service = Service({"one": ([1, 2], (), False)}, [None, "ExpiredIteratorException"])
    assert everything(ShardReader(service, "oldest"), most=1) == [("one", 1), ("one", 2)]
    assert service.iterators == [("one", "oldest", None), ("one", "oldest", "1")]


def test_what_retention_took_meanwhile_is_passed_over():
    """It goes on with what is left."""
    service = Service({"one": ([1, 2], (), False)}, [None, "TrimmedDataAccessException"])
    reader = ShardReader(service, "latest")
    assert reader.take(1) == [("one", 1)]
    assert reader.take(1) == []
    assert reader.take(1) == [("one", 1)]
    assert service.iterators[-1] == ("one", "oldest", None)


def test_what_came_before_an_error_is_not_lost():
    """The error comes again in the next round, which has nothing."""
    shards = {"one": ([1], (), False), "two": ([2], (), False)}
    reader = ShardReader(Service(shards, [None, "AccessDeniedException", None, "AccessDeniedException"]), "oldest")
    assert reader.take(5) == [("one", 1)]
    with pytest.raises(ClientError):
        reader.take(5)


def test_any_other_error_is_the_callers():
    """Such as a permission that is missing."""
    with pytest.raises(ClientError):
        ShardReader(Service({"one": ([1], (), False)}, ["AccessDeniedException"]), "oldest").take(1)
