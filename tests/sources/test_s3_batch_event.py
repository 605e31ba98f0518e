"""S3 Batch Operations' event: one task, shape and ids as recorded on AWS, read by Powertools."""

from __future__ import annotations

import base64
import copy
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from aws_lambda_powertools.utilities.data_classes import S3BatchOperationEvent, S3BatchOperationResponse
from aws_lambda_powertools.utilities.parser import envelopes, models
from aws_lambda_powertools.utilities.parser.models import S3BatchOperationModel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.events import identify, s3_batch_event, validate
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.batch_task import S3BatchTask
from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.sources.s3_batch.check import EVENTS, check
from pytest_lambda_events.sources.s3_batch.event import S3BatchEventShape
from pytest_lambda_events.sources.s3_batch.make import make_invocation_id, make_task
from pytest_lambda_events.sources.s3_batch.types import S3BatchEvent
from pytest_lambda_events.strategies import s3_batch_events

# Powertools makes its models when they are asked for, and pydantic fails to make them on frozen time: so it is done now
for lazy in (models, envelopes):
    for name in dir(lazy):
        getattr(lazy, name)

SAMPLES = Path(__file__).parents[1] / "data" / "aws-samples"
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
JOB = "5f3d7c50-8a2e-4b35-9b4f-1d0c6f5a9e77"


def task_of(event: Any) -> dict[str, Any]:
    """The one task."""
    (task,) = event["tasks"]
    return dict(task)


def found(event: Any) -> list[str]:
    """What validate says, without what was found."""
    return [f"{one.severity}: {one.path}: {one.expected}" for one in validate(event)]


# ------------------------------------------------------------------------------------------------- shape


@pytest.mark.parametrize(
    ("schema", "job", "task"),
    [
        ("1.0", ["id"], ["taskId", "s3BucketArn", "s3Key", "s3VersionId"]),
        ("2.0", ["id", "userArguments"], ["taskId", "s3Bucket", "s3Key", "s3VersionId"]),
    ],
)
def test_each_schema_has_its_keys_in_awss_order(schema: Any, job: list[str], task: list[str]) -> None:
    """The bucket before the key (recorded on AWS); 1.0 has its ARN, 2.0 its name and the job's arguments."""
    event = s3_batch_event("a.jpg", schema=schema)
    assert list(event) == ["invocationSchemaVersion", "invocationId", "job", "tasks"]
    assert event["invocationSchemaVersion"] == schema
    assert list(event["job"]) == job
    assert list(task_of(event)) == task
    assert identify(event).name == "s3_batch"
    assert validate(event) == []


def test_the_keys_of_both_schemas_are_those_of_the_type() -> None:
    """The annotation knows every key of the event."""
    for shape in EVENTS.values():
        assert shape.keys == S3BatchEvent.__required_keys__


def test_a_bucket_is_told_by_arn_or_by_name() -> None:
    """No region and no account in the ARN."""
    assert task_of(s3_batch_event())["s3BucketArn"] == "arn:aws:s3:::photos"
    assert task_of(s3_batch_event(bucket="arn:aws-cn:s3:::my.bucket"))["s3BucketArn"] == "arn:aws-cn:s3:::my.bucket"
    assert task_of(s3_batch_event(bucket="arn:aws:s3:::photos", schema="2.0"))["s3Bucket"] == "photos"


@pytest.mark.parametrize(
    "bucket",
    ["photos--usw2-az1--x-s3", "arn:aws:s3express:us-west-2:123456789012:bucket/photos--usw2-az1--x-s3"],
)
def test_a_directory_bucket_needs_schema_2(bucket: str) -> None:
    """S3 API Reference, LambdaInvokeOperation."""
    event = s3_batch_event(bucket=bucket, schema="2.0")
    assert task_of(event)["s3Bucket"] == "photos--usw2-az1--x-s3"
    assert validate(event) == []
    with pytest.raises(UsageError, match=r"directory bucket, and a job on one needs schema='2\.0'"):
        s3_batch_event(bucket=bucket)


def test_a_version_is_null_where_the_manifest_names_none() -> None:
    """The key is there all the same."""
    assert task_of(s3_batch_event())["s3VersionId"] is None
    assert task_of(s3_batch_event(version_id="3sL4kqtJlcpXroDTDmpUMLUo.rmSpXd3d"))["s3VersionId"].startswith("3sL4")


def test_arguments_of_the_job_go_with_schema_2() -> None:
    """Text to text; an empty object where the job has none."""
    assert s3_batch_event(schema="2.0")["job"]["userArguments"] == {}
    given = {"resize": "100x100", "title": 'é "quoted"', "empty": ""}
    assert s3_batch_event(schema="2.0", user_arguments=given)["job"]["userArguments"] == given


# -------------------------------------------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("key", "encoded"),
    [
        ("20201005/20201005_111058/2020-10-05-11-10-58_0/front0016.mp4",) * 2,  # recorded on AWS
        ("photos/2025/a b.jpg", "photos/2025/a+b.jpg"),
        ("a+b&c=d?.txt", "a%2Bb%26c%3Dd%3F.txt"),
        ("é/\U0001f600", "%C3%A9/%F0%9F%98%80"),
        ("100%25.txt", "100%2525.txt"),
        (b"caf\xc3\xa9", "caf%C3%A9"),
        ('line\n"quote"\\', "line%0A%22quote%22%5C"),
    ],
)
def test_a_key_is_url_encoded(key: Any, encoded: str) -> None:
    """Blanks are +, slashes stay; unquote_plus gives the key back."""
    event = s3_batch_event(key)
    assert task_of(event)["s3Key"] == encoded
    assert unquote_plus(encoded) == (key.decode() if isinstance(key, bytes) else key)
    assert validate(event) == []


def test_json_may_stand_in_the_place_of_a_key() -> None:
    """S3 User Guide, "Providing task-level information in Lambda manifests"."""
    told = {"origKey": "object1key", "newKey": "newObject1Key"}
    key = task_of(s3_batch_event(told))["s3Key"]
    assert key == "%7B%22origKey%22%3A%22object1key%22%2C%22newKey%22%3A%22newObject1Key%22%7D"
    assert json.loads(unquote_plus(key)) == told
    assert json.loads(unquote_plus(task_of(s3_batch_event(["a", "b"]))["s3Key"])) == ["a", "b"]


def test_a_key_is_made_up_where_none_is_given() -> None:
    """It names the day."""
    assert unquote_plus(task_of(s3_batch_event())["s3Key"]) == "orders/2025/01/01/order-1.json"
    event = s3_batch_event(time="2026-02-03T23:59:59Z", count=1)
    assert unquote_plus(task_of(event)["s3Key"]) == "orders/2026/02/03/order-1.json"


# --------------------------------------------------------------------------------------------------- ids


@pytest.mark.parametrize("seed", range(20))
def test_ids_are_long_and_opaque(seed: int) -> None:
    """Standard base64 of a 1 in eight bytes and what nobody can read (recorded on AWS)."""
    event = s3_batch_event("a", seed=seed)
    for text, least, most in (
        (event["invocationId"], 1_900, 2_100),
        (task_of(event)["taskId"], 900, 1_300),
    ):
        assert text.startswith("AAAAAAAAAA")
        assert base64.b64decode(text, validate=True)[:8] == b"\0\0\0\0\0\0\0\1"
        assert least <= len(text) <= most
    assert UUID4.fullmatch(event["job"]["id"])


def test_the_seed_fixes_every_id() -> None:
    """And nothing else."""
    one, same, other = s3_batch_event("a", seed=1), s3_batch_event("a", seed=1), s3_batch_event("a", seed=2)
    assert one == same
    assert one["invocationId"] != other["invocationId"]
    assert one["job"] != other["job"]
    assert task_of(one)["taskId"] != task_of(other)["taskId"]
    assert {**task_of(one), "taskId": ""} == {**task_of(other), "taskId": ""}
    assert s3_batch_event("a", job_id=JOB)["job"]["id"] == JOB


def test_a_task_that_is_tried_again_has_another_invocation() -> None:
    """Its own id stays."""
    identifiers = Identifiers(0)
    task = make_task("a", identifiers=identifiers, bucket="photos")
    shape = S3BatchEventShape("1.0", job_id=JOB, user_arguments={})
    texts = [shape.event_text(shape.record_text(task), make_invocation_id(identifiers)) for _ in range(2)]
    first, second = (json.loads(text) for text in texts)
    assert first["tasks"] == second["tasks"]
    assert first["invocationId"] != second["invocationId"]


def test_the_event_is_compact_as_text() -> None:
    """As it is sent."""
    task = S3BatchTask(id="AAAA", key="é/a b", bucket="photos", version_id='odd"')
    shape = S3BatchEventShape("2.0", job_id=JOB, user_arguments={"a": "é"})
    assert shape.event_text(shape.record_text(task), "AAAB") == (
        '{"invocationSchemaVersion":"2.0","invocationId":"AAAB",'
        f'"job":{{"id":"{JOB}","userArguments":{{"a":"é"}}}},'
        '"tasks":[{"taskId":"AAAA","s3Bucket":"photos","s3Key":"%C3%A9/a+b","s3VersionId":"odd\\""}]}'
    )


def test_the_native_record_is_its_task() -> None:
    """Equal and hashable by its id; its key is not encoded."""
    task = S3BatchTask(id="a", key='{"b":1}', bucket="photos")
    assert task == S3BatchTask(id="a", key="other", bucket="other")
    assert len({task, S3BatchTask(id="a", key="c", bucket="d")}) == 1
    assert task != "a"
    assert task.json() == {"b": 1}
    assert repr(S3BatchTask(id="a", key="b/c", bucket="photos")) == "<S3BatchTask s3://photos/b/c>"
    assert repr(S3BatchTask(id="a", key="b", bucket="c", version_id="d")) == "<S3BatchTask s3://c/b version d>"


# --------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("keys", "arguments", "message"),
    [
        ((), {"count": 0}, "count=0: an event carries at least one record"),
        ((), {"count": -1}, "count=-1"),
        (("a",), {"count": 2}, "2 tasks: S3 Batch Operations invokes the function with exactly one task"),
        (("a", "b"), {}, "2 tasks: .* make an event for each key"),
        (("",), {}, "a key of 0 bytes: S3's have from 1 to 1024"),
        (("é" * 513,), {}, "a key of 1026 bytes"),
        ((7,), {}, "this is a int: 7"),
        ((None,), {}, "this is a NoneType"),
        ((True,), {}, "this is a bool"),
        (("\ud800",), {}, "not valid UTF-8"),
        ((b"\xff",), {}, "cannot be sent"),
        (({"a": {1}},), {}, "cannot be sent"),
        (({"a": "x" * 1024},), {}, "a key of 1032 bytes"),
        ((), {"schema": "2"}, "schema='2'.*: it is the text '1.0' or '2.0'"),
        ((), {"schema": 2.0}, "schema=2.0"),
        ((), {"job_id": "job-1"}, "job_id='job-1' is no id of a job"),
        ((), {"job_id": JOB.upper()}, "a UUID in lower case"),
        ((), {"version_id": ""}, "version_id='' is no version's id"),
        ((), {"version_id": "1 2"}, "is no version's id"),
        ((), {"version_id": 1}, "version_id=1 is no version's id"),
        ((), {"user_arguments": {"a": "b"}}, "give schema='2.0' as well"),
        ((), {"user_arguments": {}}, "give schema='2.0' as well"),
        ((), {"schema": "2.0", "user_arguments": {str(n): "" for n in range(11)}}, "11 user_arguments: a job has 10"),
        ((), {"schema": "2.0", "user_arguments": {"a": 1}}, "'a': 1 is not text to text"),
        ((), {"schema": "2.0", "user_arguments": {1: "a"}}, "1: 'a' is not text to text"),
        ((), {"schema": "2.0", "user_arguments": {"": "a"}}, "'' has 0 characters"),
        ((), {"schema": "2.0", "user_arguments": {"n" * 65: "a"}}, "has 65 characters"),
        ((), {"schema": "2.0", "user_arguments": {"a": "v" * 1025}}, "its value 1025"),
        ((), {"time": "yesterday"}, "not an ISO 8601 time"),
        (("a",), {"time": "yesterday"}, "not an ISO 8601 time"),
    ],
)
def test_bad_input_is_refused(keys: Any, arguments: dict[str, Any], message: str) -> None:
    """With what is wrong, and what to do."""
    with pytest.raises(UsageError, match=message):
        s3_batch_event(*keys, **arguments)


@pytest.mark.parametrize(
    "bucket",
    [
        "",
        "ab",
        "a" * 64,
        "Photos",
        "my_photos",
        "-photos",
        "photos.",
        "my..photos",
        "192.168.5.4",
        "xn--photos",
        "sthree-photos",
        "photos-s3alias",
        "photos--ol-s3",
        "photos.mrap",
        "photos--table-s3",
        "photos--x-s3",
        "my.photos--usw2-az1--x-s3",
        "arn:aws:s3:us-east-1:123456789012:photos",
        "arn:aws:s3:::photos/a.jpg",
        "arn:aws:s3:::photos--usw2-az1--x-s3",
        "arn:aws:s3express:us-west-2:123456789012:bucket/photos",
        "arn:aws:sqs:us-east-1:123456789012:photos",
    ],
)
def test_a_bucket_that_cannot_be_is_refused(bucket: str) -> None:
    """S3 User Guide, "General purpose bucket naming rules" and "Directory bucket naming rules"."""
    with pytest.raises(UsageError, match="is no name of a bucket that S3 takes"):
        s3_batch_event(bucket=bucket, schema="2.0")


# --------------------------------------------------------------------------------------------- consumers


@pytest.mark.parametrize("schema", ["1.0", "2.0"])
def test_powertools_reads_our_events(schema: Any) -> None:
    """The data class decodes the key, the pydantic model does not; both find the bucket."""
    arguments = {"resize": "small"} if schema == "2.0" else None
    event = s3_batch_event("a b/é.jpg", schema=schema, user_arguments=arguments)
    read = S3BatchOperationEvent(event)
    assert read.task.s3_key == "a b/é.jpg"
    assert read.task.s3_bucket == "photos"
    assert read.task.s3_version_id is None
    assert read.job.user_arguments == (arguments or {})
    model = S3BatchOperationModel.model_validate(copy.deepcopy(event))  # it puts s3Bucket into what it is given
    assert model.tasks[0].s3Key == "a+b/%C3%A9.jpg"
    assert model.tasks[0].s3Bucket == "photos"
    assert model.job.userArguments == arguments
    assert model.invocationId == event["invocationId"]


def test_powertools_answers_our_events_as_awss_sample_answers() -> None:
    """Key by key, with the ids of the event."""
    event = s3_batch_event("a.jpg")
    read = S3BatchOperationEvent(event)
    response = S3BatchOperationResponse(read.invocation_schema_version, read.invocation_id, "PermanentFailure")
    response.add_result(read.task.build_task_batch_response("Succeeded", '["Alice", "Bob"]'))
    sample = json.loads((SAMPLES / "s3-batch-response.json").read_text(encoding="utf-8"))
    expected = copy.deepcopy(sample)
    expected["invocationId"] = event["invocationId"]
    expected["results"][0]["taskId"] = task_of(event)["taskId"]
    assert json.dumps(response.asdict()) == json.dumps(expected)


# ------------------------------------------------------------------------------------------------- check


def test_awss_sample_has_no_error() -> None:
    """Its ids are recognised, and the ARN with a region that real events do not have."""
    sample = json.loads((SAMPLES / "s3-batch.json").read_text(encoding="utf-8"))
    an_id = "an id of its own: this one is a documentation sample's"
    assert found(sample) == [
        "note: tasks[0].s3BucketArn: an ARN without region and account, such as arn:aws:s3:::photos",
        f"note: invocationId: {an_id}",
        f"note: job.id: {an_id}",
        f"note: tasks[0].taskId: {an_id}",
    ]


A_KEY = "a key that is URL-encoded, as `a+b/%C3%A9` for `a b/é`"
NOT_DECODABLE = "a URL-encoded key: every % before two hex digits, and UTF-8 when decoded"
NO_SUCH_KEY = "no such key: AWS does not send it"
MISSING = "this key, which every real event has"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"tasks[0].s3Key": "a b.jpg"}, [f"note: tasks[0].s3Key: {A_KEY}"]),
        ({"tasks[0].s3Key": "é.jpg"}, [f"note: tasks[0].s3Key: {A_KEY}"]),
        ({"tasks[0].s3Key": "a~b*c-d_e.f+%20/%2f%2F"}, []),  # as manifests may spell it
        (
            {"tasks[0].s3Key": "a%2"},
            [f"note: tasks[0].s3Key: {A_KEY}", f"error: tasks[0].s3Key: {NOT_DECODABLE}"],
        ),
        ({"tasks[0].s3Key": "a%FF"}, [f"error: tasks[0].s3Key: {NOT_DECODABLE}"]),
        ({"tasks[0].s3Key": "a" * 1025}, ["note: tasks[0].s3Key: a key of at most 1024 bytes"]),
        ({"tasks[0].s3Key": 7}, [f"error: tasks[0].s3Key: {A_KEY}"]),
        ({"tasks[0].s3VersionId": 1}, ["error: tasks[0].s3VersionId: a version's id, or null"]),
        ({"tasks[0].s3VersionId": "1 2"}, ["note: tasks[0].s3VersionId: a version's id, or null"]),
        ({"tasks": []}, ["error: tasks: a list with at least 1 element"]),
        (
            {"invocationSchemaVersion": "2.0"},
            [
                f"error: job.userArguments: {MISSING}",
                f"error: tasks[0].s3Bucket: {MISSING}",
                f"note: tasks[0].s3BucketArn: {NO_SUCH_KEY}",
            ],
        ),
        ({"job.userArguments": {}}, [f"note: job.userArguments: {NO_SUCH_KEY}"]),
        ({"invocationSchemaVersion": "3.0"}, ['error: invocationSchemaVersion: "1.0" or "2.0"']),
        (
            {"invocationId": "AAAAAAAAAAE="},
            [
                "note: invocationId: an opaque id: base64 that begins with AAAAAAAAAA, 1000 to 4000 characters",
            ],
        ),
    ],
)
def test_a_finding_says_how_bad_it_is(overrides: dict[str, Any], expected: list[str]) -> None:
    """An error where handlers break, a note where it works and is not what AWS sends."""
    assert found(s3_batch_event("a.jpg", overrides=overrides)) == expected


def test_there_is_exactly_one_task() -> None:
    """Handlers read the first."""
    event = s3_batch_event("a.jpg")
    event["tasks"] *= 2
    assert found(event) == ["error: tasks: exactly one task: S3 Batch Operations hands over one at a time"]


def test_an_event_without_its_schema_is_measured_against_the_likelier() -> None:
    """By the keys of its task and its job."""
    event = s3_batch_event("a.jpg", schema="2.0")
    del event["invocationSchemaVersion"]
    assert found(event) == [f"error: invocationSchemaVersion: {MISSING}"]
    del event["tasks"][0]["s3Bucket"]
    assert found(event)[0] == f"error: tasks[0].s3Bucket: {MISSING}"


@settings(max_examples=settings().max_examples // 2, suppress_health_check=[HealthCheck.too_slow])
@given(s3_batch_events(bucket="photos", schema="2.0"))
def test_what_the_strategy_draws_is_well_formed(event: Any) -> None:
    """With the arguments that are given."""
    assert validate(event) == []
    assert task_of(event)["s3Bucket"] == "photos"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("id", "taskId", "s3Bucket")), inner),
    max_leaves=8,
)


@settings(max_examples=2 * settings().max_examples)
@given(json_values, st.sampled_from(["1.0", "2.0"]), st.data())
def test_check_never_raises(value: Any, schema: Any, data: st.DataObject) -> None:
    """Whatever stands wherever."""
    event = s3_batch_event("a", schema=schema)
    steps = data.draw(st.sampled_from([(), *_places(event)]))
    check(_put(event, steps, value), Report())


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, child in children for place in ((*path, key), *_places(child, (*path, key)))]


def _put(event: Any, steps: tuple[Any, ...], value: Any) -> Any:
    if not steps:
        return value
    event[steps[0]] = _put(event[steps[0]], steps[1:], value)
    return event
