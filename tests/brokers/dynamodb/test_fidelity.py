"""DynamoDB Streams as AWS has them, clause by clause, through boto3. The numbers are those of docs/fidelity.md.

Each clause is a thing that stock moto did otherwise when it was written down, but for those under "right already".
`DYNAMODB_WORLD=stock` runs them against moto's own. Pages are below
https://docs.aws.amazon.com/amazondynamodb/latest/; "recorded" is what was seen on AWS where no page says it.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 86_400


@contextmanager
def refused(code: str, message: str) -> Iterator[None]:
    """AWS's code, and its message from the beginning."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert (code, message) == (error["Code"], error["Message"][: len(message)])


# -- time to live -----------------------------------------------------------------------------------------------------


def test_d01_time_to_live_removes_an_item(world: Any) -> None:
    """An expired item goes, with a REMOVE by the service itself.

    Page: developerguide/time-to-live-ttl-streams.html. AWS takes up to a few days; here it happens at the very second.
    """
    arn = world.with_ttl()
    world.put(expires_at=world.at(100))
    world.wait(99.999)
    assert world.item() == {"id": {"S": "a"}, "expires_at": world.at(100)}
    world.wait(0.001)
    assert world.item() is None
    assert world.names() == []
    insert, remove = world.records(arn)
    assert insert.get("userIdentity") is None
    assert remove["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    assert remove["eventName"] == "REMOVE"
    assert remove["dynamodb"]["OldImage"] == {"id": {"S": "a"}, "expires_at": world.at(100)}
    assert remove["dynamodb"]["ApproximateCreationDateTime"].timestamp() == 1_735_689_700


def test_d01_the_latest_value_of_the_attribute_counts(world: Any) -> None:
    """A write that moves the attribute, or takes it away, moves the expiry, or ends it.

    Page: developerguide/TTL.html
    """
    arn = world.with_ttl()
    for name in ("earlier", "later", "never", "deleted"):
        world.put(name, expires_at=world.at(100))
    world.update("earlier", "SET expires_at = :at", at=world.at(50))
    world.update("later", "SET expires_at = :at", at=world.at(200))
    world.update("never", "REMOVE expires_at")
    world.delete("deleted")
    world.wait(100)
    assert world.names() == ["later", "never"]
    world.wait(100)
    assert world.names() == ["never"]
    assert [event for event in world.events(arn) if event[0] == "REMOVE"] == [
        ("REMOVE", "deleted"),
        ("REMOVE", "earlier"),
        ("REMOVE", "later"),
    ]


def test_d01_only_a_number_of_seconds_that_is_not_too_old_expires(world: Any) -> None:
    """The attribute is a Number in epoch seconds; five years back and it is taken for a mistake.

    Page: developerguide/time-to-live-ttl-before-you-start.html
    """
    world.with_ttl()
    five_years = 5 * 365 * DAY
    world.put("text", expires_at={"S": world.at(1)["N"]})
    world.put("none")
    world.put("old", expires_at=world.at(-five_years - 1))
    world.put("past", expires_at=world.at(-five_years))
    world.put("fraction", expires_at={"N": "1735689600.5"})
    world.wait(0.499)
    assert world.names() == ["fraction", "none", "old", "text"]
    world.wait(10)
    assert world.names() == ["none", "old", "text"]


def test_d01_items_that_were_there_expire_once_time_to_live_is_enabled(world: Any) -> None:
    """Enabling looks at every item, disabling ends it.

    Page: developerguide/time-to-live-ttl-how-to.html. On AWS both take up to an hour.
    """
    world.table()
    world.put("a", expires_at=world.at(10))
    world.put("b", expires_at=world.at(20))
    world.wait(5)
    assert world.names() == ["a", "b"]
    world.ttl(True)
    world.wait(5)
    assert world.names() == ["b"]
    world.ttl(False)
    world.wait(100)
    assert world.names() == ["b"]


def test_d02_update_time_to_live_refuses_what_changes_nothing(world: Any) -> None:
    """It is not idempotent, and one attribute at a time.

    Page: APIReference/API_UpdateTimeToLive.html; the words recorded
    """
    world.table()
    with refused("ValidationException", "TimeToLive is already disabled"):
        world.ttl(False)
    world.ttl(True)
    with refused("ValidationException", "TimeToLive is already enabled"):
        world.ttl(True)
    with refused(
        "ValidationException", "TimeToLive is active on a different AttributeName: current AttributeName is expires_at"
    ):
        world.ttl(True, "other")


# -- what is a change -------------------------------------------------------------------------------------------------


def test_d03_putting_the_same_item_again_is_no_change(world: Any) -> None:
    """Neither the order of attributes nor that of a set's elements makes an item another, nor 1.0 for 1.

    Page: developerguide/Streams.html ("if you perform a PutItem … that does not change any data, no stream record")
    """
    arn = world.table()
    world.put(n={"N": "1"}, s={"SS": ["x", "y"]}, m={"M": {"p": {"NS": ["1", "2"]}, "q": {"BOOL": True}}})
    world.put(s={"SS": ["y", "x"]}, m={"M": {"q": {"BOOL": True}, "p": {"NS": ["2.0", "1"]}}}, n={"N": "1.0"})
    assert world.events(arn) == [("INSERT", "a")]


def test_d04_an_update_that_changes_nothing_is_none(world: Any) -> None:
    """UpdateItem and BatchWriteItem likewise.

    Page: developerguide/Streams.html
    """
    arn = world.table()
    world.put(n={"N": "1"})
    world.update("a", "SET n = :n", n={"N": "1"})
    world.update("a", "REMOVE nothing_there")
    world.db.batch_write_item(RequestItems={"users": [{"PutRequest": {"Item": {"id": {"S": "a"}, "n": {"N": "1"}}}}]})
    world.delete("nobody")
    assert world.events(arn) == [("INSERT", "a")]


def test_d05_an_update_of_nothing_is_one_insert_of_the_whole_item(world: Any) -> None:
    """UpdateItem makes an item that was not there: one change.

    Page: APIReference/API_UpdateItem.html
    """
    arn = world.table()
    world.update("a", "SET n = :n", n={"N": "1"})
    [record] = world.records(arn)
    assert record["eventName"] == "INSERT"
    assert record["dynamodb"]["NewImage"] == {"id": {"S": "a"}, "n": {"N": "1"}}


def test_d06_attribute_updates_keep_the_type(world: Any) -> None:
    """The legacy AttributeUpdates puts any type as it is, and its DELETE of a set's last element ends the attribute.

    Page: developerguide/LegacyConditionalParameters.AttributeUpdates.html
    """
    arn = world.table()
    world.put(tags={"SS": ["x"]})
    values = {"yes": {"BOOL": True}, "raw": {"B": b"\x00\xff"}, "none": {"NULL": True}, "raws": {"BS": [b"a"]}}
    world.db.update_item(
        TableName="users",
        Key={"id": {"S": "a"}},
        AttributeUpdates={
            **{name: {"Action": "PUT", "Value": value} for name, value in values.items()},
            "tags": {"Action": "DELETE", "Value": {"SS": ["x"]}},
        },
    )
    assert world.item() == {"id": {"S": "a"}, **values}
    assert world.records(arn)[-1]["dynamodb"]["NewImage"] == {"id": {"S": "a"}, **values}


def test_d07_a_refused_update_changes_nothing(world: Any) -> None:
    """Neither the item nor the stream, also when the item was not there.

    Page: APIReference/API_UpdateItem.html
    """
    arn = world.table()
    world.put(n={"N": "1"}, s={"S": "text"})
    with pytest.raises(ClientError):
        world.update("a", "SET n = :n, more = s + :n", n={"N": "2"})
    with pytest.raises(ClientError):
        world.update("b", "SET big = :big", big={"S": "x" * 410_000})
    assert world.item("a") == {"id": {"S": "a"}, "n": {"N": "1"}, "s": {"S": "text"}}
    assert world.names() == ["a"]
    assert world.events(arn) == [("INSERT", "a")]


# -- what a record has ------------------------------------------------------------------------------------------------


def test_d08_binary_values_arrive_as_they_were_put(world: Any) -> None:
    """Also within lists and maps.

    Page: APIReference/API_streams_StreamRecord.html
    """
    arn = world.table()
    attributes = {
        "raw": {"B": b"\x00\xff"},
        "raws": {"BS": [b"a", b"b"]},
        "list": {"L": [{"B": b"c"}, {"M": {"deep": {"B": b"d"}}}]},
    }
    world.put(**attributes)
    assert world.records(arn)[0]["dynamodb"]["NewImage"] == {"id": {"S": "a"}, **attributes}


def test_d09_a_number_is_kept_in_one_form(world: Any) -> None:
    """Zeros that say nothing go, exponents are written out; read and stream agree.

    Page: developerguide/HowItWorks.NamingRulesDataTypes.html; the form recorded
    """
    arn = world.table()
    world.put(n={"N": "0042.1200"}, e={"N": "1E3"}, ns={"NS": ["10", "2.0"]})
    kept = {"id": {"S": "a"}, "n": {"N": "42.12"}, "e": {"N": "1000"}, "ns": {"NS": ["2", "10"]}}
    assert world.item() == kept
    assert world.records(arn)[0]["dynamodb"]["NewImage"] == kept


def test_d09_a_number_of_more_than_38_digits_is_refused(world: Any) -> None:
    """In an update, too, and a text that is no number.

    Page: developerguide/HowItWorks.NamingRulesDataTypes.html
    """
    world.table()
    world.put()
    with refused("ValidationException", "Attempting to store more than 38 significant digits in a Number"):
        world.put("b", n={"N": "1" * 39})
    with refused("ValidationException", "The parameter cannot be converted to a numeric value: many"):
        world.update("a", "SET n = :n", n={"N": "many"})
    assert world.names() == ["a"]
    assert world.item() == {"id": {"S": "a"}}


def test_d10_the_region_is_the_tables(world: Any) -> None:
    """Page: APIReference/API_streams_Record.html."""
    arn = world.table()
    world.put()
    assert world.records(arn)[0]["awsRegion"] == "eu-west-1"


def test_d11_the_version_is_1_1(world: Any) -> None:
    """Recorded; the samples of the documentation print 1.0.

    Page: APIReference/API_streams_Record.html
    """
    arn = world.table()
    world.put()
    assert world.records(arn)[0]["eventVersion"] == "1.1"


def test_d12_the_label_is_a_time_to_the_millisecond(world: Any) -> None:
    """Three decimals always, in UTC.

    Page: APIReference/API_TableDescription.html (LatestStreamLabel)
    """
    arn = world.table()
    assert arn == "arn:aws:dynamodb:eu-west-1:123456789012:table/users/stream/2025-01-01T00:00:00.000"
    described = world.described(arn)
    assert (described["StreamArn"], described["StreamLabel"]) == (arn, "2025-01-01T00:00:00.000")
    assert described["CreationRequestDateTime"].timestamp() == 1_735_689_600
    table = world.db.describe_table(TableName="users")["Table"]
    assert (table["LatestStreamArn"], table["LatestStreamLabel"]) == (arn, "2025-01-01T00:00:00.000")


def test_d24_size_bytes_counts_keys_and_images(world: Any) -> None:
    """Names and values, as items are measured.

    Page: APIReference/API_streams_StreamRecord.html; the rule recomputed on recordings
    """
    arn = world.table()
    world.put(n={"N": "101"}, text={"S": "é"})
    world.update("a", "SET n = :n", n={"N": "1"})
    world.delete()
    key, before, after = 3, 3 + 1 + 3 + 4 + 2, 3 + 1 + 2 + 4 + 2
    sizes = [record["dynamodb"]["SizeBytes"] for record in world.records(arn)]
    assert sizes == [key + before, key + after + before, key + after]


def test_d25_sequence_numbers_rise_and_event_ids_differ(world: Any) -> None:
    """21 to 40 digits, across shards; event ids have 32 hexadecimal digits.

    Page: APIReference/API_streams_StreamRecord.html
    """
    arn = world.table()
    for name in "abc":
        world.put(name)
        world.wait(4 * 3600)
    records = world.records(arn)
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert all(21 <= len(number) <= 40 for number in numbers)
    assert numbers == sorted(numbers, key=int)
    assert len({record["eventID"] for record in records}) == 3
    assert all(len(record["eventID"]) == 32 for record in records)


def test_d08_binary_keys_do_too(world: Any) -> None:
    """In the record's Keys; and an expiry finds them.

    Page: APIReference/API_streams_StreamRecord.html
    """
    arn = world.db.create_table(
        TableName="users",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "B"},
            {"AttributeName": "at", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )["TableDescription"]["LatestStreamArn"]
    world.ttl(True)
    key = {"id": {"B": b"\x00\xff"}, "at": {"N": "1"}}
    world.db.put_item(TableName="users", Item={**key, "expires_at": world.at(1)})
    world.wait(1)
    assert world.db.scan(TableName="users")["Count"] == 0
    assert [record["dynamodb"]["Keys"] for record in world.records(arn)] == [key, key]


def test_d08_binary_values_compare_as_they_were_put(world: Any) -> None:
    """In conditions, too: what keeps the stream right leaves moto's items alone.

    Page: developerguide/Expressions.OperatorsAndFunctions.html
    """
    world.table()
    world.put(payload={"B": b"\x00"})
    world.db.update_item(
        TableName="users",
        Key={"id": {"S": "a"}},
        UpdateExpression="SET payload = :new",
        ConditionExpression="payload = :old",
        ExpressionAttributeValues={":new": {"B": b"\x01"}, ":old": {"B": b"\x00"}},
    )
    assert world.item() == {"id": {"S": "a"}, "payload": {"B": b"\x01"}}


# -- streams of a table -----------------------------------------------------------------------------------------------


def test_d13_a_disabled_stream_takes_no_more_records(world: Any) -> None:
    """It says DISABLED, its shard has an end, and what it holds can be read.

    Page: developerguide/Streams.html, "Enabling a stream"
    """
    arn = world.table()
    world.put("a")
    assert world.stream(False) == arn
    world.put("b")
    described = world.described(arn)
    assert described["StreamStatus"] == "DISABLED"
    [record] = world.records(arn)
    [shard] = described["Shards"]
    assert shard["SequenceNumberRange"]["EndingSequenceNumber"] == record["dynamodb"]["SequenceNumber"]
    answer = world.streams.get_records(ShardIterator=world.iterator(arn))
    assert "NextShardIterator" not in answer
    assert "StreamSpecification" not in world.db.describe_table(TableName="users")["Table"]


def test_d14_a_stream_that_is_enabled_again_is_another_one(world: Any) -> None:
    """With another label, also within the same millisecond, and a view type of its own.

    Page: developerguide/Streams.html, "Enabling a stream"
    """
    first = world.table(view="KEYS_ONLY")
    world.put("a", n={"N": "1"})
    world.stream(False)
    second = world.stream(True, "NEW_IMAGE")
    world.put("b", n={"N": "2"})
    assert first != second
    assert world.events(first) == [("INSERT", "a")]
    assert world.events(second) == [("INSERT", "b")]
    assert [world.described(arn)["StreamViewType"] for arn in (first, second)] == ["KEYS_ONLY", "NEW_IMAGE"]
    assert "NewImage" in world.records(second)[0]["dynamodb"]
    listed = world.streams.list_streams(TableName="users")["Streams"]
    assert [stream["StreamArn"] for stream in listed] == [first, second]


def test_d15_update_table_refuses_what_the_stream_does_not_allow(world: Any) -> None:
    """Page: APIReference/API_UpdateTable.html; the words recorded."""
    world.table()
    enabled = "Table already has an enabled stream: TableName: users"
    wrong = "One or more parameter values were invalid: If stream is being"
    with refused("ValidationException", enabled):
        world.stream(True, "NEW_AND_OLD_IMAGES")
    with refused("ValidationException", enabled):
        world.stream(True, "KEYS_ONLY")
    with refused("ValidationException", f"{wrong} enabled then UpdateViewType is required"):
        world.stream(True)
    with refused("ValidationException", f"{wrong} disabled, then UpdateViewType must not be specified"):
        world.stream(False, "KEYS_ONLY")
    world.stream(False)
    with refused("ValidationException", "Table has no stream to disable: TableName: users"):
        world.stream(False)


def test_d16_a_stream_outlives_its_disabling_and_its_table_by_a_day(world: Any) -> None:
    """Then it is gone, and not listed any more.

    Page: developerguide/Streams.html, "Enabling a stream"
    """
    first = world.table()
    world.put("a")
    world.stream(False)
    second = world.stream(True, "KEYS_ONLY")
    world.put("b")
    world.wait(3600)
    world.db.delete_table(TableName="users")
    world.wait(DAY - 3601)
    assert world.events(first) == [("INSERT", "a")]
    assert world.events(second) == [("INSERT", "b")]
    assert world.described(second)["StreamStatus"] == "DISABLED"
    world.wait(1)
    with refused("ResourceNotFoundException", f"Requested resource not found: Stream: {first} not found"):
        world.described(first)
    assert [stream["StreamArn"] for stream in world.streams.list_streams()["Streams"]] == [second]
    world.wait(3600)
    assert world.streams.list_streams()["Streams"] == []


def test_d17_time_to_live_of_a_template_holds(world: Any) -> None:
    """And so does the stream of a template, whose ARN it can hand out.

    Page: AWSCloudFormation's aws-resource-dynamodb-table.html
    """
    plain = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    }
    template = {
        "Resources": {
            "Plain": plain,
            "Users": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {
                    "TableName": "users",
                    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                    "BillingMode": "PAY_PER_REQUEST",
                    "StreamSpecification": {"StreamViewType": "OLD_IMAGE"},
                    "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
                },
            },
        },
        "Outputs": {"Stream": {"Value": {"Fn::GetAtt": ["Users", "StreamArn"]}}},
    }
    cloudformation = boto3.client("cloudformation", region_name="eu-west-1")
    cloudformation.create_stack(StackName="stack", TemplateBody=json.dumps(template))
    [output] = cloudformation.describe_stacks(StackName="stack")["Stacks"][0]["Outputs"]
    world.put(expires_at=world.at(10))
    world.wait(10)
    assert world.names() == []
    assert world.events(output["OutputValue"]) == [("INSERT", "a"), ("REMOVE", "a")]


# -- reading ----------------------------------------------------------------------------------------------------------


def test_d18_a_shard_closes_after_four_hours_and_has_a_child(world: Any) -> None:
    """Its iterator ends, and the child knows it as its parent.

    Page: developerguide/Streams.html, "Reading and processing a stream"; the four hours recorded
    """
    arn = world.table()
    world.put("a")
    world.wait(4 * 3600 - 0.001)
    world.put("b")
    open_iterator = world.iterator(arn)
    world.wait(0.001)
    world.put("c")
    parent, child = world.described(arn)["Shards"]
    assert "ParentShardId" not in parent
    assert child["ParentShardId"] == parent["ShardId"]
    assert "EndingSequenceNumber" not in child["SequenceNumberRange"]
    answer = world.streams.get_records(ShardIterator=open_iterator)
    assert [record["dynamodb"]["Keys"]["id"]["S"] for record in answer["Records"]] == ["a", "b"]
    assert "NextShardIterator" not in answer
    ending = answer["Records"][-1]["dynamodb"]["SequenceNumber"]
    assert parent["SequenceNumberRange"]["EndingSequenceNumber"] == ending
    answer = world.streams.get_records(ShardIterator=world.iterator(arn))
    assert [record["dynamodb"]["Keys"]["id"]["S"] for record in answer["Records"]] == ["c"]
    assert "NextShardIterator" in answer


def test_d18_shards_can_be_asked_for_by_page_and_by_parent(world: Any) -> None:
    """Shards that have been closed for a day are not shown.

    Page: APIReference/API_streams_DescribeStream.html
    """
    arn = world.table()
    for _ in range(3):
        world.put()
        world.delete()
        world.wait(4 * 3600)
    shards = [shard["ShardId"] for shard in world.described(arn)["Shards"]]
    assert len(shards) == 4
    page = world.described(arn, Limit=2)
    assert ([shard["ShardId"] for shard in page["Shards"]], page["LastEvaluatedShardId"]) == (shards[:2], shards[1])
    rest = world.described(arn, ExclusiveStartShardId=shards[1])
    assert [shard["ShardId"] for shard in rest["Shards"]] == shards[2:]
    assert "LastEvaluatedShardId" not in rest
    children = world.described(arn, ShardFilter={"Type": "CHILD_SHARDS", "ShardId": shards[0]})
    assert [shard["ShardId"] for shard in children["Shards"]] == [shards[1]]
    world.wait(DAY - 8 * 3600)
    assert [shard["ShardId"] for shard in world.described(arn)["Shards"]][:2] == shards[1:3]


def test_d19_iterators_by_sequence_number(world: Any) -> None:
    """AT begins with the record, AFTER behind it; a shard without the number refuses it.

    Page: APIReference/API_streams_GetShardIterator.html
    """
    arn = world.table()
    for name in "abc":
        world.put(name)
    numbers = [record["dynamodb"]["SequenceNumber"] for record in world.records(arn)]

    def names(kind: str, number: str | None = None) -> list[str]:
        more = {} if number is None else {"SequenceNumber": number}
        records = world.streams.get_records(ShardIterator=world.iterator(arn, kind, **more))["Records"]
        return [record["dynamodb"]["Keys"]["id"]["S"] for record in records]

    assert names("TRIM_HORIZON") == ["a", "b", "c"]
    assert names("LATEST") == []
    assert names("AT_SEQUENCE_NUMBER", numbers[1]) == ["b", "c"]
    assert names("AFTER_SEQUENCE_NUMBER", numbers[1]) == ["c"]
    start = world.described(arn)["Shards"][0]["SequenceNumberRange"]["StartingSequenceNumber"]
    assert names("AT_SEQUENCE_NUMBER", start) == ["a", "b", "c"]
    with refused("ValidationException", "Invalid SequenceNumber for the shard"):
        names("AT_SEQUENCE_NUMBER", "1" + "0" * 20)
    with refused("ValidationException", "Invalid SequenceNumber"):
        names("AFTER_SEQUENCE_NUMBER")
    with refused("ValidationException", "One or more parameter values were invalid: SequenceNumber is not allowed"):
        names("LATEST", numbers[0])
    with refused("ValidationException", "1 validation error detected: Value 'BEGINNING' at 'shardIteratorType' failed"):
        names("BEGINNING")
    world.stream(False)
    with refused("ValidationException", "Invalid SequenceNumber for the shard"):
        names("AT_SEQUENCE_NUMBER", str(int(numbers[-1]) + 1))


def test_d20_records_are_trimmed_after_24_hours(world: Any) -> None:
    """TRIM_HORIZON goes on with what is left; what names a record that is gone is refused.

    Page: APIReference/API_streams_GetRecords.html (TrimmedDataAccessException)
    """
    arn = world.table()
    world.put("a")
    [first] = world.records(arn)
    number = first["dynamodb"]["SequenceNumber"]
    world.wait(600)
    world.put("b")
    world.wait(DAY - 600.001)
    early = [
        world.iterator(arn, kind, shard=0, **more)
        for kind, more in (("AT_SEQUENCE_NUMBER", {"SequenceNumber": number}), ("TRIM_HORIZON", {}))
    ]
    assert len(world.streams.get_records(ShardIterator=early[0])["Records"]) == 2
    world.wait(0.001)
    trimmed = "The data you are trying to access has been trimmed"
    with refused("TrimmedDataAccessException", trimmed):
        world.streams.get_records(ShardIterator=early[0])
    with refused("TrimmedDataAccessException", trimmed):
        world.iterator(arn, "AFTER_SEQUENCE_NUMBER", shard=0, SequenceNumber=number)
    [left] = world.streams.get_records(ShardIterator=early[1])["Records"]
    assert left["dynamodb"]["Keys"] == {"id": {"S": "b"}}
    world.wait(600)
    assert world.records(arn) == []


def test_d21_an_iterator_is_good_for_15_minutes(world: Any) -> None:
    """Page: APIReference/API_streams_GetShardIterator.html."""
    arn = world.table()
    iterator = world.iterator(arn)
    world.wait(900)
    following = world.streams.get_records(ShardIterator=iterator)["NextShardIterator"]
    world.wait(0.001)
    with refused("ExpiredIteratorException", "The provided iterator exceeds the maximum age allowed."):
        world.streams.get_records(ShardIterator=iterator)
    world.streams.get_records(ShardIterator=following)
    for broken in (f"{arn}|1|AAAA", f"{arn}|2|{following.rpartition('|')[2]}", "no iterator"):
        with refused("ValidationException", "Invalid ShardIterator"):
            world.streams.get_records(ShardIterator=broken)


def test_d22_an_answer_holds_1000_records_or_1_megabyte(world: Any) -> None:
    """Reading goes on behind what it held.

    Page: APIReference/API_streams_GetRecords.html
    """
    arn = world.table()
    for name in "abcd":
        world.put(name, text={"S": "x" * 390_000})
    iterator, names = world.iterator(arn), []
    for expected in (2, 2, 0):
        answer = world.streams.get_records(ShardIterator=iterator)
        assert len(answer["Records"]) == expected
        names += [record["dynamodb"]["Keys"]["id"]["S"] for record in answer["Records"]]
        iterator = answer["NextShardIterator"]
    assert names == ["a", "b", "c", "d"]
    answer = world.streams.get_records(ShardIterator=world.iterator(arn), Limit=1)
    assert [record["dynamodb"]["Keys"]["id"]["S"] for record in answer["Records"]] == ["a"]
    with refused("ValidationException", "1 validation error detected: Value '1001' at 'limit' failed to satisfy"):
        world.streams.get_records(ShardIterator=iterator, Limit=1001)
    careless = boto3.client("dynamodbstreams", region_name="eu-west-1", config=Config(parameter_validation=False))
    with refused("ValidationException", "1 validation error detected: Value '0' at 'limit' failed to satisfy"):
        careless.get_records(ShardIterator=iterator, Limit=0)


def test_d23_a_client_that_knows_the_account_is_answered(world: Any) -> None:
    """Botocore (1.44.4 and later) then asks a host of the account's own.

    Page: developerguide/Programming.SDKOverview.html, "Account-based endpoints"
    """
    arn = world.table()
    client = boto3.client("dynamodbstreams", region_name="eu-west-1")
    assert client.describe_stream(StreamArn=arn)["StreamDescription"]["StreamArn"] == arn
    assert client.list_streams()["Streams"][0]["StreamArn"] == arn


def test_d26_what_is_not_there_is_named(world: Any) -> None:
    """Page: APIReference/API_streams_GetShardIterator.html; the words recorded."""
    arn = world.table()
    gone = arn.replace("2025", "2024")
    with refused("ResourceNotFoundException", f"Requested resource not found: Stream: {gone} not found"):
        world.described(gone)
    with refused("ResourceNotFoundException", f"Requested resource not found: Stream: {gone} not found"):
        world.streams.get_shard_iterator(StreamArn=gone, ShardId="shardId-" + "0" * 20, ShardIteratorType="LATEST")
    with refused("ResourceNotFoundException", "Requested resource not found: Shard does not exist"):
        world.streams.get_shard_iterator(StreamArn=arn, ShardId="shardId-" + "0" * 20, ShardIteratorType="LATEST")
    with refused("ValidationException", "Invalid StreamArn"):
        world.described("arn:aws:dynamodb:eu-west-1:123456789012:table/users")


def test_d27_create_table_refuses_half_a_stream_specification(world: Any) -> None:
    """Page: APIReference/API_CreateTable.html; the words recorded."""
    wrong = "One or more parameter values were invalid: Table is being created with a stream"
    with refused("ValidationException", f"{wrong} enabled, UpdateViewType is required"):
        world.table(view=None, StreamSpecification={"StreamEnabled": True})
    with refused("ValidationException", f"{wrong} disabled, UpdateViewType should not be specified"):
        world.table(view=None, StreamSpecification={"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"})
    with refused("ValidationException", "1 validation error detected: Value 'ALL' at 'streamSpecification.stream"):
        world.table(view="ALL")
    assert world.db.list_tables()["TableNames"] == []
    world.table(view=None, StreamSpecification={"StreamEnabled": False})
    assert world.streams.list_streams()["Streams"] == []


def test_d28_streams_are_listed_by_table_and_by_page(world: Any) -> None:
    """Page: APIReference/API_streams_ListStreams.html."""
    arns = [world.table(name) for name in ("first", "second", "third")]

    def listed(**options: Any) -> tuple[list[str], str | None]:
        answer = world.streams.list_streams(**options)
        return [stream["StreamArn"] for stream in answer["Streams"]], answer.get("LastEvaluatedStreamArn")

    assert listed() == (arns, None)
    assert listed(Limit=2) == (arns[:2], arns[1])
    assert listed(ExclusiveStartStreamArn=arns[1]) == (arns[2:], None)
    assert listed(TableName="second") == ([arns[1]], None)
    with refused("ValidationException", "1 validation error detected: Value '101' at 'limit' failed to satisfy"):
        listed(Limit=101)


# -- right already, and so kept ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("KEYS_ONLY", [(False, False), (False, False), (False, False)]),
        ("NEW_AND_OLD_IMAGES", [(True, False), (True, True), (False, True)]),
        ("NEW_IMAGE", [(True, False), (True, False), (False, False)]),
        ("OLD_IMAGE", [(False, False), (False, True), (False, True)]),
    ],
)
def test_d29_the_view_type_says_which_images_there_are(
    world: Any, view: str, expected: list[tuple[bool, bool]]
) -> None:
    """Page: APIReference/API_StreamSpecification.html."""
    arn = world.table(view=view)
    world.put()
    world.put(n={"N": "1"})
    world.delete()
    parts = [record["dynamodb"] for record in world.records(arn)]
    assert [("NewImage" in part, "OldImage" in part) for part in parts] == expected
    assert {part["StreamViewType"] for part in parts} == {view}


def test_d30_every_way_to_write_reaches_the_stream(world: Any) -> None:
    """Batches, transactions, PartiQL.

    Page: developerguide/Streams.html
    """
    arn = world.table()
    requests = [{"PutRequest": {"Item": {"id": {"S": name}}}} for name in "ab"]
    world.db.batch_write_item(RequestItems={"users": requests})
    world.db.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": "users", "Item": {"id": {"S": "c"}}}},
            {"Delete": {"TableName": "users", "Key": {"id": {"S": "a"}}}},
            {
                "Update": {
                    "TableName": "users",
                    "Key": {"id": {"S": "b"}},
                    "UpdateExpression": "SET n = :n",
                    "ExpressionAttributeValues": {":n": {"N": "1"}},
                }
            },
        ]
    )
    world.db.execute_statement(Statement="INSERT INTO users VALUE {'id': 'd'}")
    world.db.execute_statement(Statement="UPDATE users SET n = 'two' WHERE id = 'd'")
    world.db.execute_statement(Statement="DELETE FROM users WHERE id = 'd'")
    assert world.events(arn) == [
        ("INSERT", "a"),
        ("INSERT", "b"),
        ("INSERT", "c"),
        ("REMOVE", "a"),
        ("MODIFY", "b"),
        ("INSERT", "d"),
        ("MODIFY", "d"),
        ("REMOVE", "d"),
    ]


def test_d31_a_cancelled_transaction_leaves_no_record(world: Any) -> None:
    """All of it happens, or nothing; and the stream goes on.

    Page: APIReference/API_TransactWriteItems.html
    """
    arn = world.table()
    world.table("other")
    world.put("a")
    with refused("TransactionCanceledException", "Transaction cancelled"):
        world.db.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "users", "Item": {"id": {"S": "b"}}}},
                {
                    "Delete": {
                        "TableName": "users",
                        "Key": {"id": {"S": "a"}},
                        "ConditionExpression": "attribute_exists(nothing_there)",
                    }
                },
            ]
        )
    assert world.names() == ["a"]
    world.put("c")
    assert world.events(arn) == [("INSERT", "a"), ("INSERT", "c")]
