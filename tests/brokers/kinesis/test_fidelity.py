"""Kinesis as AWS has it, clause by clause, through boto3. The numbers are those of docs/fidelity.md.

`python -m benchmarks.stock_moto` says which ones the installed moto fails. Pages are below
https://docs.aws.amazon.com/kinesis/latest/ (APIReference) or https://docs.aws.amazon.com/streams/latest/ (dev);
"recorded" is what was seen on AWS where no page says it.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from pytest_lambda_events.model.sequence_numbers import KinesisNumber

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1_048_576
TOP = (1 << 128) - 1
HALF = 1 << 127
QUARTER = 1 << 126
START_S = 1_735_689_600
DAY = 86_400
ACCOUNT = "123456789012"


@contextmanager
def refused(code: str, message: str) -> Iterator[None]:
    """AWS's code, and its message from the beginning."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert (code, message) == (error["Code"], error["Message"][: len(message)])


def moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(START_S + seconds, dt.timezone.utc)


# -- putting ----------------------------------------------------------------------------------------------------------


def test_k01_a_sequence_number_says_shard_and_second(world: Any) -> None:
    """56 digits, which have the shard's index and the second of the put in them.

    Page: dev/key-concepts.html#sequence-number; the digits recorded
    """
    name = world.stream(2)
    world.wait(7)
    [number] = world.put(name, "a", at=HALF)
    read = KinesisNumber.read(number)
    assert read is not None
    assert (read.created_s, read.shard, read.second) == (START_S, 1, START_S + 7)


def test_k02_sequence_numbers_rise_within_a_shard(world: Any) -> None:
    """Also those of one moment, one request, and after a pause; every number has as many digits.

    Page: APIReference/API_PutRecord.html
    """
    name = world.stream()
    numbers = world.put(name, "a", "b")
    records = [{"Data": b"c", "PartitionKey": str(number)} for number in range(3)]
    numbers += [
        record["SequenceNumber"] for record in world.kinesis.put_records(StreamName=name, Records=records)["Records"]
    ]
    world.wait(0.001)
    numbers += world.put(name, "d")
    assert sorted(numbers, key=int) == numbers
    assert {len(number) for number in numbers} == {56}
    assert len(set(numbers)) == 6


def test_k03_the_hash_key_that_ends_a_range_belongs_to_it(world: Any) -> None:
    """ExplicitHashKey may be any from 0 to 2^128-1; ranges include both ends.

    Page: APIReference/API_HashKeyRange.html
    """
    name = world.stream(2)
    found = [world.shard_of(name, key)[-1] for key in (0, HALF - 1, HALF, TOP)]
    assert found == ["0", "0", "1", "1"]


def test_k04_a_closed_shard_takes_nothing(world: Any) -> None:
    """After a split or a merge, puts go to the children.

    Page: dev/kinesis-using-sdk-java-after-resharding.html
    """
    name = world.stream()
    world.split(name)
    assert [world.shard_of(name, key)[-1] for key in (0, TOP)] == ["1", "2"]
    world.merge(name, 1, 2)
    assert [world.shard_of(name, key)[-1] for key in (0, TOP)] == ["3", "3"]


def test_k05_a_hash_key_out_of_range_is_refused(world: Any) -> None:
    """2^128 is one too many.

    Page: APIReference/API_PutRecord.html; the words recorded
    """
    name = world.stream()
    words = (
        f"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {TOP + 1}"
    )
    with refused("InvalidArgumentException", words):
        world.put(name, "a", at=TOP + 1)


@pytest.mark.parametrize("hashed", [False, True], ids=["257 characters", "a hash key with a leading zero"])
def test_k06_a_key_that_is_none_is_refused(world: Any, hashed: bool) -> None:
    """A partition key has 1 to 256 characters, a hash key no leading zero.

    Page: APIReference/API_PutRecord.html
    """
    name = world.stream()
    put = {"StreamName": name, "Data": b"a", "PartitionKey": "k" * 257}
    words = (
        f"1 validation error detected: Value '{'k' * 257}' at 'partitionKey' failed to satisfy constraint: Member must"
    )
    if hashed:
        put.update(PartitionKey="k", ExplicitHashKey="01")
        words = "1 validation error detected: Value '01' at 'explicitHashKey' failed to satisfy constraint: Member must"
    with refused("ValidationException", words):
        world.kinesis.put_record(**put)


def test_k07_the_partition_key_counts_toward_the_size(world: Any) -> None:
    """Data and key may have 1 MiB together, and exactly that is fine.

    Page: APIReference/API_PutRecord.html
    """
    name = world.stream()
    world.put(name, "a" * (MIB - 1))
    with refused("ValidationException", "1 validation error detected: Value at 'data' failed to satisfy constraint: "):
        world.put(name, "a" * MIB)


def test_k08_a_request_has_at_most_500_records(world: Any) -> None:
    """The 501st is one too many, and none is put.

    Page: APIReference/API_PutRecords.html
    """
    name = world.stream()
    records = [{"Data": b"a", "PartitionKey": str(number)} for number in range(501)]
    with refused(
        "ValidationException", "1 validation error detected: Value at 'records' failed to satisfy constraint: "
    ):
        world.kinesis.put_records(StreamName=name, Records=records)
    answer = world.kinesis.put_records(StreamName=name, Records=records[:-1])
    assert (answer["FailedRecordCount"], len(answer["Records"])) == (0, 500)
    assert len(world.data(name)) == 500


def test_k09_a_request_has_at_most_10_mib(world: Any) -> None:
    """Keys included; 10 MiB exactly are fine.

    Page: APIReference/API_PutRecords.html
    """
    name = world.stream()
    records = [{"Data": b"a" * (MIB - 1), "PartitionKey": "k"} for _ in range(10)]
    assert world.kinesis.put_records(StreamName=name, Records=records)["FailedRecordCount"] == 0
    records.append({"Data": b"", "PartitionKey": "k"})
    with refused("InvalidArgumentException", "Records size exceeds 10 MB limit"):
        world.kinesis.put_records(StreamName=name, Records=records)


def test_k10_a_request_is_refused_as_a_whole_and_says_for_which_record(world: Any) -> None:
    """A record that Kinesis cannot keep fails the request; the others are not put.

    Page: APIReference/API_PutRecords.html; the words recorded
    """
    name = world.stream()
    records = [{"Data": b"a", "PartitionKey": "k"}, {"Data": b"a", "PartitionKey": "k", "ExplicitHashKey": "01"}]
    words = (
        "1 validation error detected: Value '01' at 'records.2.member.explicitHashKey' failed to satisfy constraint: "
    )
    with refused("ValidationException", words):
        world.kinesis.put_records(StreamName=name, Records=records)
    assert world.data(name) == []


# -- reading ----------------------------------------------------------------------------------------------------------


def test_k11_records_keep_their_arrival_time_to_the_millisecond(world: Any) -> None:
    """ApproximateArrivalTimestamp is when the record was put, whatever happens to its shard.

    Page: APIReference/API_Record.html
    """
    name = world.stream()
    world.wait(1.234)
    world.put(name, "a")
    world.wait(60)
    world.split(name)
    [record] = world.read(world.iterator(name))["Records"]
    assert record["ApproximateArrivalTimestamp"] == moment(1.234)


def test_k12_a_merge_doubles_nothing(world: Any) -> None:
    """Records stay in the shards that they were put into.

    Page: dev/kinesis-using-sdk-java-after-resharding.html
    """
    name = world.stream(2)
    world.put(name, "a", at=0)
    world.put(name, "b", at=TOP)
    world.merge(name)
    assert [world.data(name, shard) for shard in range(3)] == [["a"], ["b"], []]


def test_k13_at_the_end_of_a_closed_shard_there_is_no_next_iterator(world: Any) -> None:
    """NextShardIterator is null when the shard is closed and has been read to its end.

    Page: APIReference/API_GetRecords.html
    """
    name = world.stream()
    world.put(name, "a", "b")
    world.split(name)
    first = world.read(world.iterator(name), Limit=1)
    last = world.read(first["NextShardIterator"], Limit=1)
    assert [record["Data"] for record in last["Records"]] == [b"b"]
    assert "NextShardIterator" not in last
    assert "NextShardIterator" not in world.read(world.iterator(name, kind="LATEST"))


def test_k14_the_end_of_a_shard_tells_its_children(world: Any) -> None:
    """ChildShards, with their parents and hash keys, when the end is reached and not before.

    Page: APIReference/API_GetRecords.html
    """
    name = world.stream(2)
    world.put(name, "a", "b", at=0)
    world.merge(name)
    first = world.read(world.iterator(name), Limit=1)
    assert "ChildShards" not in first
    [child] = world.read(first["NextShardIterator"])["ChildShards"]
    assert child == {
        "ShardId": "shardId-000000000002",
        "ParentShards": ["shardId-000000000000", "shardId-000000000001"],
        "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": str(TOP)},
    }


def test_k15_records_are_kept_for_24_hours(world: Any) -> None:
    """From its arrival on, a record can be read for the retention period.

    Page: dev/kinesis-extended-retention.html
    """
    name = world.stream()
    world.put(name, "a")
    world.wait(1)
    world.put(name, "b")
    world.wait(DAY - 1.001)
    assert world.data(name) == ["a", "b"]
    world.wait(0.001)
    assert world.data(name) == ["b"]
    world.wait(1)
    assert world.data(name) == []


def test_k16_an_iterator_lives_for_5_minutes(world: Any) -> None:
    """It can be used for 300 seconds, and as often as one likes; then it has expired.

    Page: APIReference/API_GetShardIterator.html; the words recorded
    """
    name = world.stream()
    iterator = world.iterator(name)
    world.put(name, "a")
    world.wait(300)
    assert len(world.read(iterator)["Records"]) == 1
    world.wait(0.001)
    words = (
        "Iterator expired. The iterator was created at time Wed Jan 01 00:00:00 UTC 2025 while right now it is "
        "Wed Jan 01 00:05:00 UTC 2025 which is further in the future than the tolerated delay of 300000 milliseconds."
    )
    with refused("ExpiredIteratorException", words):
        world.read(iterator)


def test_k17_an_iterator_knows_its_stream(world: Any) -> None:
    """Asked for with StreamARN or with StreamName, it is read with either or with neither.

    Page: APIReference/API_GetRecords.html
    """
    name = world.stream()
    world.put(name, "a")
    arn = world.arn(name)
    by_arn = world.kinesis.get_shard_iterator(
        StreamARN=arn, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    for iterator in (by_arn, world.iterator(name)):
        assert [len(world.read(iterator, **more)["Records"]) for more in ({}, {"StreamARN": arn})] == [1, 1]


def test_k18_millis_behind_latest_is_0_at_the_tip_only(world: Any) -> None:
    """How far an answer lies behind the present; 0 says that there is no more to read.

    Page: APIReference/API_GetRecords.html
    """
    name = world.stream()
    world.put(name, "a")
    world.wait(4)
    world.put(name, "b")
    world.wait(2)
    first = world.read(world.iterator(name), Limit=1)
    last = world.read(first["NextShardIterator"])
    assert (first["MillisBehindLatest"], last["MillisBehindLatest"]) == (6_000, 0)
    world.put(name, "c", "d")
    behind = world.read(last["NextShardIterator"], Limit=1)
    assert behind["MillisBehindLatest"] > 0


@pytest.mark.parametrize("text", ["AAAA", "not base64", "AAAAAAAAAAE="])
def test_k19_what_is_no_iterator_is_refused(world: Any, text: str) -> None:
    """Any other text is InvalidArgumentException.

    Page: APIReference/API_GetRecords.html; the words recorded
    """
    world.stream()
    with refused("InvalidArgumentException", "Invalid ShardIterator."):
        world.read(text)


def test_k20_trim_horizon_is_the_oldest_record(world: Any) -> None:
    """The oldest that retention has left.

    Page: APIReference/API_GetShardIterator.html
    """
    name = world.stream()
    world.put(name, "a")
    world.wait(DAY)
    world.put(name, "b")
    assert world.data(name) == ["b"]


def test_k21_latest_is_what_comes_next(world: Any) -> None:
    """Records that are put after the iterator was asked for.

    Page: APIReference/API_GetShardIterator.html
    """
    name = world.stream()
    world.put(name, "a")
    iterator = world.iterator(name, kind="LATEST")
    world.put(name, "b")
    assert [record["Data"] for record in world.read(iterator)["Records"]] == [b"b"]


def test_k22_at_timestamp_is_the_first_record_from_then_on(world: Any) -> None:
    """A record of exactly that moment is the first; without a record from then on, what comes next.

    Page: APIReference/API_GetShardIterator.html
    """
    name = world.stream()
    for data in ("a", "b", "c"):
        world.put(name, data)
        world.wait(1.5)
    found = [world.data(name, kind="AT_TIMESTAMP", Timestamp=moment(seconds)) for seconds in (-1, 0, 1.5, 1.501, 4)]
    assert found == [["a", "b", "c"], ["a", "b", "c"], ["b", "c"], ["c"], []]


def test_k23_at_sequence_number_begins_with_that_record(world: Any) -> None:
    """The number of a record, or that which the shard begins with.

    Page: APIReference/API_GetShardIterator.html
    """
    name = world.stream()
    _, number, _ = world.put(name, "a", "b", "c")
    assert world.data(name, kind="AT_SEQUENCE_NUMBER", StartingSequenceNumber=number) == ["b", "c"]
    beginning = world.shards(name)["0"]["SequenceNumberRange"]["StartingSequenceNumber"]
    assert world.data(name, kind="AT_SEQUENCE_NUMBER", StartingSequenceNumber=beginning) == ["a", "b", "c"]
    assert int(beginning) < int(number)


def test_k24_after_sequence_number_begins_behind_that_record(world: Any) -> None:
    """Also when it was the last one.

    Page: APIReference/API_GetShardIterator.html
    """
    name = world.stream()
    _, number, last = world.put(name, "a", "b", "c")
    assert world.data(name, kind="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=number) == ["c"]
    assert world.data(name, kind="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=last) == []


def test_k25_a_number_of_another_shard_is_refused(world: Any) -> None:
    """A sequence number says which shard it is of.

    Page: APIReference/API_GetShardIterator.html; the words recorded
    """
    name = world.stream(2)
    [number] = world.put(name, "a", at=TOP)
    words = (
        "Invalid StartingSequenceNumber. It encodes shardId-000000000001, while it was used in a call to a shard with "
        "shardId-000000000000"
    )
    with refused("InvalidArgumentException", words):
        world.iterator(name, kind="AT_SEQUENCE_NUMBER", StartingSequenceNumber=number)


@pytest.mark.parametrize("kind", ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"])
def test_k26_a_number_of_another_stream_is_refused(world: Any, kind: str) -> None:
    """So is one that is none at all.

    Page: APIReference/API_GetShardIterator.html; the words recorded
    """
    name = world.stream()
    world.wait(1)
    [number] = world.put(world.stream(name="other"), "a")
    where = (
        f"used in GetShardIterator on shard shardId-000000000000 in stream clicks under account {ACCOUNT} is invalid"
    )
    for text, ending in ((number, " because it did not come from this stream."), ("5", ".")):
        with refused("InvalidArgumentException", f"StartingSequenceNumber {text} {where}{ending}"):
            world.iterator(name, kind=kind, StartingSequenceNumber=text)


def test_k27_a_moment_to_come_is_refused(world: Any) -> None:
    """The present is the latest; and AT_TIMESTAMP needs a moment.

    Page: APIReference/API_GetShardIterator.html; the words recorded
    """
    name = world.stream()
    world.iterator(name, kind="AT_TIMESTAMP", Timestamp=moment(0))
    words = (
        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: "
        f"{START_S}001, currentTimestampInMillis: {START_S}000"
    )
    with refused("InvalidArgumentException", words):
        world.iterator(name, kind="AT_TIMESTAMP", Timestamp=moment(0.001))
    with refused(
        "InvalidArgumentException", "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP."
    ):
        world.iterator(name, kind="AT_TIMESTAMP")


@pytest.mark.parametrize(
    ("kind", "given"), [("LATEST", True), ("TRIM_HORIZON", True), ("AT_SEQUENCE_NUMBER", False)], ids=str
)
def test_k28_a_number_goes_with_the_types_that_have_one(world: Any, kind: str, given: bool) -> None:
    """StartingSequenceNumber for AT_ and AFTER_SEQUENCE_NUMBER, and for no other.

    Page: APIReference/API_GetShardIterator.html; the words recorded
    """
    name = world.stream()
    number = {"StartingSequenceNumber": "5"} if given else {}
    words = (
        "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) "
        f"TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {kind} and "
    )
    with refused("InvalidArgumentException", words + ("also a" if given else "no")):
        world.iterator(name, kind=kind, **number)


def test_k29_an_answer_has_at_most_10000_records(world: Any) -> None:
    """That is the largest Limit, and the default.

    Page: APIReference/API_GetRecords.html
    """
    name = world.stream()
    records = [{"Data": b"a", "PartitionKey": str(number)} for number in range(500)]
    for _ in range(21):
        world.kinesis.put_records(StreamName=name, Records=records)
    answer = world.read(world.iterator(name))
    assert len(answer["Records"]) == 10_000
    assert len(world.read(answer["NextShardIterator"])["Records"]) == 500
    words = "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value"
    with refused("ValidationException", words):
        world.read(world.iterator(name), Limit=10_001)


def test_k30_an_answer_has_at_most_10_mib(world: Any) -> None:
    """What is more comes with the next one.

    Page: APIReference/API_GetRecords.html
    """
    name = world.stream()
    world.put(name, *(letter * (MIB - 1) for letter in "abcdefghijkl"))
    first = world.read(world.iterator(name))
    assert "".join(chr(record["Data"][0]) for record in first["Records"]) == "abcdefghij"
    second = world.read(first["NextShardIterator"])
    assert "".join(chr(record["Data"][0]) for record in second["Records"]) == "kl"


# -- resharding -------------------------------------------------------------------------------------------------------


def test_k31_a_split_leaves_records_in_the_parent(world: Any) -> None:
    """The parent can be read to its end; its children begin empty.

    Page: dev/kinesis-using-sdk-java-after-resharding.html
    """
    name = world.stream()
    world.put(name, "a", at=0)
    world.put(name, "b", at=TOP)
    world.split(name)
    world.put(name, "c", at=TOP)
    assert [world.data(name, shard) for shard in range(3)] == [["a", "b"], [], ["c"]]


def test_k32_a_closed_shard_has_an_ending_sequence_number(world: Any) -> None:
    """It is greater than that of any record within, and less than those of the children.

    Page: APIReference/API_SequenceNumberRange.html
    """
    name = world.stream()
    [before] = world.put(name, "a")
    assert "EndingSequenceNumber" not in world.shards(name)["0"]["SequenceNumberRange"]
    world.split(name)
    [after] = world.put(name, "b")
    shards = world.shards(name)
    parent = shards["0"]["SequenceNumberRange"]
    beginnings = [shards[number]["SequenceNumberRange"]["StartingSequenceNumber"] for number in "12"]
    numbers = [parent["StartingSequenceNumber"], before, parent["EndingSequenceNumber"], *beginnings]
    assert sorted(map(int, numbers)) == list(map(int, numbers))
    assert int(parent["EndingSequenceNumber"]) < int(after)
    assert {shards[number]["ParentShardId"] for number in "12"} == {"shardId-000000000000"}


@pytest.mark.parametrize("at", [0, 1, TOP], ids=["0", "1", "2^128-1"])
def test_k33_each_half_of_a_split_has_room(world: Any, at: int) -> None:
    """The second half begins at least two behind the beginning, and before the end.

    Page: APIReference/API_SplitShard.html; the words recorded
    """
    name = world.stream()
    words = (
        f"NewStartingHashKey {at} used in SplitShard() on shard shardId-000000000000 in stream clicks under account "
        f"{ACCOUNT} is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's "
        f"EndingHashKey {TOP}."
    )
    with refused("InvalidArgumentException", words):
        world.split(name, at=at)


def test_k34_a_closed_shard_is_neither_split_nor_merged(world: Any) -> None:
    """It has been split or merged already.

    Page: APIReference/API_SplitShard.html; the words recorded
    """
    name = world.stream(2)
    world.merge(name)
    words = (
        f"Shard shardId-000000000000 in stream clicks under account {ACCOUNT} has already been merged or split, and "
        "thus is not eligible for merging or splitting."
    )
    with refused("InvalidArgumentException", words):
        world.split(name, at=QUARTER)
    with refused("InvalidArgumentException", words):
        world.merge(name)


def test_k35_a_merged_shard_has_two_parents(world: Any) -> None:
    """ParentShardId and AdjacentParentShardId, both closed, and the hash keys of both.

    Page: APIReference/API_MergeShards.html
    """
    name = world.stream(3)
    world.merge(name, 1, 2)
    shards = world.shards(name)
    child = shards["3"]
    assert (child["ParentShardId"], child["AdjacentParentShardId"]) == ("shardId-000000000001", "shardId-000000000002")
    assert [number for number, shard in shards.items() if "EndingSequenceNumber" in shard["SequenceNumberRange"]] == [
        "1",
        "2",
    ]
    assert world.ranges(name) == {"0": (0, TOP // 3 - 1), "3": (TOP // 3, TOP)}


@pytest.mark.parametrize(("shard", "adjacent"), [(0, 2), (1, 0), (0, 0)])
def test_k36_only_neighbours_are_merged_in_the_order_of_their_hash_keys(world: Any, shard: int, adjacent: int) -> None:
    """The hash keys of the second follow those of the first.

    Page: APIReference/API_MergeShards.html; order and words recorded
    """
    name = world.stream(3)
    words = (
        f"Shards shardId-{shard:012d} and shardId-{adjacent:012d} in stream clicks under account {ACCOUNT} are not an "
        "adjacent pair of shards eligible for merging"
    )
    with refused("InvalidArgumentException", words):
        world.merge(name, shard, adjacent)


@pytest.mark.parametrize(
    ("before", "after", "open_shards"),
    [(2, 4, "2345"), (4, 2, "45"), (4, 3, ["6", "9", "10"]), (3, 6, "345678"), (2, 3, "265"), (6, 3, "678")],
)
def test_k37_uniform_scaling_ends_in_shards_of_one_size(world: Any, before: int, after: int, open_shards: Any) -> None:
    """Shards are split and merged from left to right, some for a moment only.

    Page: APIReference/API_UpdateShardCount.html; which shards are open in the end recorded for 4 to 3
    """
    name = world.stream(before)
    world.put(name, "a", at=0)
    answer = world.kinesis.update_shard_count(StreamName=name, TargetShardCount=after, ScalingType="UNIFORM_SCALING")
    assert (answer["CurrentShardCount"], answer["TargetShardCount"]) == (before, after)
    ranges = sorted(world.ranges(name).items(), key=lambda item: item[1])
    lows = [low for _, (low, _) in ranges]
    assert [number for number, _ in ranges] == list(open_shards)
    assert [high for _, (_, high) in ranges] == [*(low - 1 for low in lows[1:]), TOP]
    assert all(abs(low - TOP * place // after) < 8 for place, low in enumerate(lows))
    assert world.data(name) == ["a"]


def test_k38_a_stream_does_not_scale_beyond_double(world: Any) -> None:
    """At most twice as many shards as are open.

    Page: APIReference/API_UpdateShardCount.html; the words recorded
    """
    name = world.stream(2)
    words = (
        "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: 2, "
        "Target shard count: 5"
    )
    with refused("LimitExceededException", words):
        world.kinesis.update_shard_count(StreamName=name, TargetShardCount=5, ScalingType="UNIFORM_SCALING")


def test_k39_a_stream_does_not_scale_below_half(world: Any) -> None:
    """At least half as many shards as are open.

    Page: APIReference/API_UpdateShardCount.html; the words recorded
    """
    name = world.stream(5)
    words = (
        "UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: 5, "
        "Target shard count: 2"
    )
    with refused("LimitExceededException", words):
        world.kinesis.update_shard_count(StreamName=name, TargetShardCount=2, ScalingType="UNIFORM_SCALING")


def test_k40_an_on_demand_stream_reshards_by_itself(world: Any) -> None:
    """SplitShard, MergeShards and UpdateShardCount are for provisioned streams.

    Page: APIReference/API_SplitShard.html
    """
    world.kinesis.create_stream(StreamName="clicks", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    words = f"Request is invalid. Stream clicks under account {ACCOUNT} is in On-Demand mode."
    with refused("ValidationException", words):
        world.split("clicks", at=QUARTER // 2)
    with refused("ValidationException", words):
        world.merge("clicks")
    with refused("ValidationException", words):
        world.kinesis.update_shard_count(StreamName="clicks", TargetShardCount=5, ScalingType="UNIFORM_SCALING")


# -- describing -------------------------------------------------------------------------------------------------------


def test_k41_shards_cover_all_hash_keys(world: Any) -> None:
    """From 0 to 2^128-1, in shares of one size.

    Page: APIReference/API_HashKeyRange.html; the shares recorded
    """
    third = 113427455640312821154458202477256070485
    assert world.ranges(world.stream(3)) == {
        "0": (0, third - 1),
        "1": (third, 2 * third - 1),
        "2": (2 * third, TOP),
    }


def test_k42_a_description_is_given_a_page_at_a_time(world: Any) -> None:
    """HasMoreShards says so, and ExclusiveStartShardId goes on.

    Page: APIReference/API_DescribeStream.html
    """
    name = world.stream(3)
    pages, after = [], {}
    while True:
        page = world.kinesis.describe_stream(StreamName=name, Limit=2, **after)["StreamDescription"]
        pages.append([shard["ShardId"][-1] for shard in page["Shards"]])
        if not page["HasMoreShards"] or len(pages) > 3:
            break
        after = {"ExclusiveStartShardId": page["Shards"][-1]["ShardId"]}
    assert pages == [["0", "1"], ["2"]]


def test_k43_a_summary_counts_the_open_shards_and_the_consumers(world: Any) -> None:
    """OpenShardCount, after a split too, and ConsumerCount.

    Page: APIReference/API_StreamDescriptionSummary.html
    """
    name = world.stream()
    world.split(name)
    world.consumer(name)
    summary = world.kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    assert (summary["OpenShardCount"], summary["ConsumerCount"]) == (2, 1)


def test_k44_a_closed_shard_is_listed_until_retention_ends(world: Any) -> None:
    """Then it has expired, and cannot be read any more.

    Page: dev/kinesis-using-sdk-java-after-resharding.html
    """
    name = world.stream()
    world.wait(1)
    world.split(name)
    world.wait(DAY - 0.001)
    assert list(world.shards(name)) == ["0", "1", "2"]
    world.wait(0.001)
    assert list(world.shards(name)) == ["1", "2"]
    described = world.kinesis.describe_stream(StreamName=name)["StreamDescription"]["Shards"]
    assert [shard["ShardId"][-1] for shard in described] == ["1", "2"]
    words = f"Shard shardId-000000000000 in stream clicks under account {ACCOUNT} does not exist"
    with refused("ResourceNotFoundException", words):
        world.iterator(name)


def test_k45_a_filter_chooses_shards(world: Any) -> None:
    """Those open now, open at a moment or since, or behind another.

    Page: APIReference/API_ShardFilter.html
    """
    name = world.stream()
    world.wait(10)
    world.split(name)
    world.wait(10)
    world.merge(name, 1, 2)
    world.wait(10)
    found = {
        kind if not more else f"{kind} {next(iter(more.values()))!s:.19}": "".join(
            world.shards(name, ShardFilter={"Type": kind, **more})
        )
        for kind, more in [
            ("AT_LATEST", {}),
            ("AT_TRIM_HORIZON", {}),
            ("FROM_TRIM_HORIZON", {}),
            ("AFTER_SHARD_ID", {"ShardId": "shardId-000000000001"}),
            ("AT_TIMESTAMP", {"Timestamp": moment(5)}),
            ("AT_TIMESTAMP", {"Timestamp": moment(15)}),
            ("FROM_TIMESTAMP", {"Timestamp": moment(15)}),
            ("FROM_TIMESTAMP", {"Timestamp": moment(25)}),
        ]
    }
    assert found == {
        "AT_LATEST": "3",
        "AT_TRIM_HORIZON": "0",
        "FROM_TRIM_HORIZON": "0123",
        "AFTER_SHARD_ID shardId-00000000000": "23",
        "AT_TIMESTAMP 2025-01-01 00:00:05": "0",
        "AT_TIMESTAMP 2025-01-01 00:00:15": "12",
        "FROM_TIMESTAMP 2025-01-01 00:00:15": "123",
        "FROM_TIMESTAMP 2025-01-01 00:00:25": "3",
    }


def test_k46_a_page_token_lives_for_5_minutes(world: Any) -> None:
    """It goes on where the page ended, and goes with no stream's name.

    Page: APIReference/API_ListShards.html
    """
    name = world.stream(3)
    answer = world.kinesis.list_shards(StreamName=name, MaxResults=2)
    token = answer["NextToken"]
    with refused("InvalidArgumentException", "NextToken and StreamName cannot be provided together."):
        world.kinesis.list_shards(StreamName=name, NextToken=token)
    world.wait(300)
    rest = world.kinesis.list_shards(NextToken=token)
    assert [shard["ShardId"][-1] for shard in answer["Shards"] + rest["Shards"]] == ["0", "1", "2"]
    assert "NextToken" not in rest
    world.wait(0.001)
    with refused("ExpiredNextTokenException", ""):
        world.kinesis.list_shards(NextToken=token)


# -- consumers --------------------------------------------------------------------------------------------------------


def test_k47_a_consumer_s_arn_ends_in_the_second_of_its_registration(world: Any) -> None:
    """That tells it from another one that had the name before.

    Page: APIReference/API_Consumer.html
    """
    name = world.stream()
    world.wait(2.5)
    assert re.fullmatch(rf"{world.arn(name)}/consumer/fan:{START_S + 2}", world.consumer(name))


def test_k48_a_consumer_s_name_is_given_once(world: Any) -> None:
    """In a stream; another stream may have it, too.

    Page: APIReference/API_RegisterStreamConsumer.html
    """
    name = world.stream()
    world.consumer(name)
    world.consumer(world.stream(name="other"))
    with refused("ResourceInUseException", "Consumer fan "):
        world.consumer(name)


def test_k49_the_consumer_that_is_deregistered_goes(world: Any) -> None:
    """And the others stay.

    Page: APIReference/API_DeregisterStreamConsumer.html
    """
    name = world.stream()
    for consumer in ("a", "b", "c"):
        world.consumer(name, consumer)
    world.kinesis.deregister_stream_consumer(StreamARN=world.arn(name), ConsumerName="b")
    consumers = world.kinesis.list_stream_consumers(StreamARN=world.arn(name))["Consumers"]
    assert [consumer["ConsumerName"] for consumer in consumers] == ["a", "c"]


def test_k50_a_consumer_subscribes_to_a_shard(world: Any) -> None:
    """Records are pushed, then the children where the shard ends; a subscription goes on where another ended.

    Page: APIReference/API_SubscribeToShard.html
    """
    name = world.stream()
    arn = world.consumer(name)
    first, _ = world.put(name, "a", "b")

    def pushed(**position: str) -> list[dict[str, Any]]:
        answer = world.kinesis.subscribe_to_shard(
            ConsumerARN=arn, ShardId="shardId-000000000000", StartingPosition=position
        )
        return [event["SubscribeToShardEvent"] for event in answer["EventStream"]]

    [event] = pushed(Type="TRIM_HORIZON")
    assert [record["Data"] for record in event["Records"]] == [b"a", b"b"]
    world.put(name, "c")
    world.split(name)
    [more] = pushed(Type="AFTER_SEQUENCE_NUMBER", SequenceNumber=event["ContinuationSequenceNumber"])
    assert [record["Data"] for record in more["Records"]] == [b"c"]
    assert [child["ShardId"][-1] for child in more["ChildShards"]] == ["1", "2"]
    assert [len(event["Records"]) for event in pushed(Type="AT_SEQUENCE_NUMBER", SequenceNumber=first)] == [3]


def test_k51_a_stream_that_is_not_there_is_not_found(world: Any) -> None:
    """For whatever is asked of it.

    Page: APIReference/API_DescribeStream.html; the words recorded
    """
    arn = f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/clicks"
    words = f"Stream clicks under account {ACCOUNT} not found."
    for operation, parameters in [
        ("describe_stream", {"StreamName": "clicks"}),
        ("put_record", {"StreamARN": arn, "Data": b"a", "PartitionKey": "k"}),
        ("list_shards", {"StreamARN": arn}),
        ("list_stream_consumers", {"StreamARN": arn}),
        ("register_stream_consumer", {"StreamARN": arn, "ConsumerName": "fan"}),
        ("split_shard", {"StreamName": "clicks", "ShardToSplit": "shardId-0", "NewStartingHashKey": "5"}),
    ]:
        with refused("ResourceNotFoundException", words):
            getattr(world.kinesis, operation)(**parameters)
    shard = f"Shard shardId-000000000000 in stream clicks under account {ACCOUNT} does not exist"
    with refused("ResourceNotFoundException", shard):
        world.iterator("clicks")


# -- streams ----------------------------------------------------------------------------------------------------------


def test_k52_a_provisioned_stream_says_how_many_shards(world: Any) -> None:
    """Only an on-demand stream may leave ShardCount out.

    Page: APIReference/API_CreateStream.html
    """
    words = (
        "1 validation error detected: Value null at 'shardCount' failed to satisfy constraint: Member must not be null"
    )
    with refused("ValidationException", words):
        world.kinesis.create_stream(StreamName="clicks")


def test_k53_an_on_demand_stream_begins_with_4_shards(world: Any) -> None:
    """Its number of shards is Kinesis's own affair.

    Page: dev/how-do-i-size-a-stream.html
    """
    world.kinesis.create_stream(StreamName="clicks", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    assert world.ranges("clicks") == {
        str(number): (number * QUARTER, (number + 1) * QUARTER - 1) for number in range(4)
    }


def test_k54_a_stream_s_name_is_given_once(world: Any) -> None:
    """In an account and region.

    Page: APIReference/API_CreateStream.html; the words recorded
    """
    world.stream()
    with refused("ResourceInUseException", f"Stream clicks under account {ACCOUNT} already exists."):
        world.stream()


def test_k55_a_stream_with_consumers_is_deleted_when_that_is_enforced(world: Any) -> None:
    """EnforceConsumerDeletion takes the consumers along.

    Page: APIReference/API_DeleteStream.html; the words recorded
    """
    name = world.stream()
    world.consumer(name)
    words = (
        f"DeleteStream can't delete {ACCOUNT}:clicks because there are consumers associated with this data stream. To "
        "delete clicks anyway, set the EnforceConsumerDeletion parameter to true to force the deletion of all the "
        "consumers that are associated with it."
    )
    with refused("ResourceInUseException", words):
        world.kinesis.delete_stream(StreamName=name)
    world.kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)
    assert world.kinesis.list_streams()["StreamNames"] == []


def test_k56_a_longer_retention_keeps_what_is_there(world: Any) -> None:
    """And brings nothing back.

    Page: dev/kinesis-extended-retention.html
    """
    name = world.stream()
    world.put(name, "a")
    world.wait(1)
    world.put(name, "b")
    world.wait(DAY - 1)
    world.kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=48)
    assert world.data(name) == ["b"]
    world.wait(DAY)
    assert world.data(name) == ["b"]
    world.wait(1)
    assert world.data(name) == []


def test_k57_a_shorter_retention_ends_at_once_for_older_records(world: Any) -> None:
    """They cannot be read any more.

    Page: dev/kinesis-extended-retention.html
    """
    name = world.stream()
    world.kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=48)
    world.put(name, "a")
    world.wait(DAY)
    world.put(name, "b")
    world.kinesis.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=24)
    assert world.data(name) == ["b"]


def test_k58_a_stream_may_allow_records_of_10_mib(world: Any) -> None:
    """MaxRecordSizeInKiB, when it is made or later.

    Page: APIReference/API_UpdateMaxRecordSize.html
    """
    name = world.stream()
    with refused("ValidationException", "1 validation error detected: Value at 'data' failed to satisfy constraint: "):
        world.put(name, "a" * (2 * MIB))
    world.kinesis.update_max_record_size(StreamARN=world.arn(name), MaxRecordSizeInKiB=10_240)
    world.put(name, "a" * (10 * MIB - 1))
    assert [len(data) for data in world.data(name)] == [10 * MIB - 1]


def test_k59_a_deleted_stream_takes_its_iterators_along(world: Any) -> None:
    """There is no shard any more; a stream that is made anew begins empty.

    Page: APIReference/API_DeleteStream.html
    """
    name = world.stream()
    world.put(name, "a")
    iterator = world.iterator(name)
    world.kinesis.delete_stream(StreamName=name)
    with refused("ResourceNotFoundException", "Shard shardId-000000000000 in stream clicks under account"):
        world.read(iterator)
    world.stream()
    assert world.data(name) == []


def test_the_clauses_are_59() -> None:
    """As many as docs/fidelity.md counts, each once."""
    numbers = sorted({int(name[6:8]) for name in vars(sys.modules[__name__]) if re.match(r"test_k\d\d_", name)})
    assert numbers == list(range(1, 60))
