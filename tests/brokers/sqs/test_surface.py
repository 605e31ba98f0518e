"""Moto with our engines behind it: what it takes over, gives back and leaves alone, and who may put messages in."""

from __future__ import annotations

import gc
import json
import os
import re
import threading
import weakref
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from botocore.signers import RequestSigner
from moto import mock_aws
from moto.core.models import MockAWS
from moto.sqs.models import Message, sqs_backends

from pytest_lambda_events.brokers.moto.operations import OPERATIONS
from pytest_lambda_events.brokers.moto.surface import MotoSurface
from pytest_lambda_events.errors import DeadlinePassed, UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.clock.virtual import VirtualClock

REGION = "eu-west-1"
ACCOUNT = "123456789012"


def moto_queue(name: str) -> Any:
    return sqs_backends[ACCOUNT][REGION].queues[name]


def replaceable() -> dict[str, Any]:
    """Everything that a surface may replace, as it is now."""
    now: dict[str, Any] = {
        f"{operation.owner.__name__}.{operation.name}": vars(operation.owner).get(operation.name)
        for operation in OPERATIONS
    }
    now["make_request"] = vars(Endpoint)["make_request"]
    now["get_auth_instance"] = vars(RequestSigner)["get_auth_instance"]
    now["send"] = vars(URLLib3Session)["send"]
    now["create_loader"] = botocore.session.create_loader
    now["setup_default_session"] = boto3.setup_default_session
    now["DEFAULT_SESSION"] = boto3.DEFAULT_SESSION
    now["nested"] = MockAWS._nested_count
    now["active"] = MockAWS._mocks_active
    return now


@pytest.fixture
def make(clock: VirtualClock, journal: Any) -> Iterator[Any]:
    """Surfaces that a test starts itself."""
    made: list[MotoSurface] = []

    def make(seed: int = 0) -> MotoSurface:
        made.append(MotoSurface(clock, journal, Identifiers(seed), REGION))
        return made[-1]

    yield make
    for surface in made:
        surface.stop()


# -- nothing is left --------------------------------------------------------------------------------------------------


def test_stop_leaves_everything_as_it_was(make: Any) -> None:
    before, environment = replaceable(), dict(os.environ)
    surface = make()
    surface.start()
    boto3.client("sqs").list_queues()
    during = replaceable()
    assert {name for name, value in during.items() if before[name] is not value} == set(before)
    surface.stop()
    surface.stop()
    after = replaceable()
    assert {name for name, value in after.items() if before[name] is not value} == set()
    assert dict(os.environ) == environment


def test_a_default_session_of_the_user_s_comes_back(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = boto3.Session(region_name="us-west-2")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    surface = make()
    surface.start()
    assert boto3.client("sqs").meta.region_name == REGION
    surface.stop()
    assert boto3.DEFAULT_SESSION is session


def test_credentials_in_the_environment_come_back(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    surface = make()
    surface.start()
    assert os.environ["AWS_SECRET_ACCESS_KEY"] != "mine"
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")  # moto's stop would fail here, half way
    surface.stop()
    assert (os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]) == ("", "mine")
    assert MockAWS._nested_count == 0


def test_a_start_that_fails_half_way_leaves_nothing(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before, environment = replaceable(), dict(os.environ)
    monkeypatch.setattr("pytest_lambda_events.brokers.moto.sessions.set_region", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make().start()
    assert replaceable() == before
    assert dict(os.environ) == environment
    monkeypatch.undo()
    make().start()


def test_only_one_surface_at_a_time(make: Any) -> None:
    make().start()
    with pytest.raises(UsageError, match="only one can be active"):
        make().start()


def test_the_user_s_region_wins(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-2")
    surface = make()
    surface.start()
    assert "AWS_DEFAULT_REGION" not in os.environ
    surface.stop()


def test_an_engine_goes_with_its_queue(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    surface.send(handle, "a")
    engine = weakref.ref(handle.engine)
    boto3.client("sqs").delete_queue(QueueUrl=handle.url)
    assert not handle.exists()
    del handle
    MockAWS().reset()
    moto_models = __import__("moto.core.model_instances", fromlist=["reset_model_data"])
    moto_models.reset_model_data()
    gc.collect()
    assert engine() is None


# -- in and around mock_aws -------------------------------------------------------------------------------------------


def test_messages_from_before_are_taken_over_and_the_rest_given_back(
    clock: VirtualClock, journal: Any, make: Any
) -> None:
    with mock_aws():
        sqs = boto3.client("sqs", region_name=REGION)
        url = sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
        header = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}}
        number = {"n": {"DataType": "Number", "StringValue": "1"}}
        for body in ("flying", "ready"):
            sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=number, MessageSystemAttributes=header)
        sqs.send_message(QueueUrl=url, MessageBody="delayed", DelaySeconds=10)
        [flying] = sqs.receive_message(QueueUrl=url)["Messages"]
        clock.jump_to(clock.now_ms + 5_000)

        surface = make()
        surface.start()
        handle = surface.find_queue("orders")
        assert handle.engine.counts(clock.now_ms) == (1, 1, 1)
        assert moto_queue("orders")._messages == []
        assert [record.body for _, _, record in journal.of("entered")] == ["flying", "ready", "delayed"]
        got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MaxNumberOfMessages=10, AttributeNames=["All"])
        [ready] = got["Messages"]
        assert (ready["Body"], ready["Attributes"]["AWSTraceHeader"]) == ("ready", "Root=1")
        assert ready["Attributes"]["SentTimestamp"] == "1735689600000"
        sqs.delete_message(QueueUrl=url, ReceiptHandle=ready["ReceiptHandle"])
        clock.jump_to(handle.engine.next_change(clock.now_ms))  # the delayed one, at 10
        clock.jump_to(clock.now_ms + 20_000)
        again = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
        counts = {message["Body"]: message["Attributes"]["ApproximateReceiveCount"] for message in again}
        assert counts == {"flying": "2", "delayed": "1"}
        [record] = [message for message in again if message["Body"] == "flying"]
        assert record["Attributes"]["ApproximateFirstReceiveTimestamp"] == "1735689600000"
        sqs.delete_message(QueueUrl=url, ReceiptHandle=flying["ReceiptHandle"])  # a handle that moto gave
        surface.send(handle, "new", delay_seconds=7, message_attributes=number)
        surface.send(handle, "announced", at_ms=clock.now_ms + 1)
        surface.stop()

        left = {message.body: message for message in moto_queue("orders")._messages}
        assert set(left) == {"delayed", "new"}
        assert left["new"].delayed
        assert left["new"].message_attributes == number
        assert left["delayed"] in moto_queue("orders")._pending_messages
        assert left["delayed"].visible_at == clock.now_ms + 30_000
        assert left["delayed"].approximate_receive_count == 1
        clock.jump_to(clock.now_ms + 30_001)
        again = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        assert {message["Body"] for message in again} == {"delayed", "new"}
        assert MockAWS._nested_count == 1


def test_expired_messages_are_not_taken_over(clock: VirtualClock, journal: Any, make: Any) -> None:
    with mock_aws():
        sqs = boto3.client("sqs", region_name=REGION)
        url = sqs.create_queue(QueueName="orders", Attributes={"MessageRetentionPeriod": "60"})["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="old")
        clock.jump_to(clock.now_ms + 60_000)
        surface = make()
        surface.start()
        assert surface.find_queue(url).engine.counts(clock.now_ms) == (0, 0, 0)
        assert journal.calls == []


def test_a_mock_inside_is_joined(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    with mock_aws():
        boto3.client("sqs", region_name=REGION).send_message(QueueUrl=handle.url, MessageBody="inside")
    surface.send(handle, "after")
    bodies = [message.record.body for message in handle.engine.messages(surface.clock.now_ms)]
    assert bodies == ["inside", "after"]


def test_an_outer_mock_has_no_trace_of_us(make: Any) -> None:
    with mock_aws():
        client = boto3.client("sqs", region_name=REGION)
        before = replaceable()
        surface = make()
        surface.start()
        assert boto3.DEFAULT_SESSION is before["DEFAULT_SESSION"]
        url = client.create_queue(QueueName="orders")["QueueUrl"]
        client.send_message(QueueUrl=url, MessageBody="a")
        surface.stop()
        after = replaceable()
        assert {name for name, value in after.items() if before[name] is not value} == set()
        assert client.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "a"
    assert MockAWS._nested_count == 0


# -- queues -----------------------------------------------------------------------------------------------------------


def test_a_queue_is_made_as_the_api_makes_it(surface: MotoSurface) -> None:
    dead = surface.create_queue("dead", {})
    policy = {"deadLetterTargetArn": dead.arn, "maxReceiveCount": 3}
    handle = surface.create_queue("orders", {"VisibilityTimeout": 45, "RedrivePolicy": policy}, tags={"team": "x"})
    sqs = boto3.client("sqs")
    assert sqs.get_queue_url(QueueName="orders")["QueueUrl"] == handle.url
    assert handle.arn == f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
    assert (handle.name, handle.region, handle.account, handle.is_fifo) == ("orders", REGION, ACCOUNT, False)
    assert sqs.list_queue_tags(QueueUrl=handle.url)["Tags"] == {"team": "x"}
    assert handle.attributes() == sqs.get_queue_attributes(QueueUrl=handle.url, AttributeNames=["All"])["Attributes"]
    assert handle.attributes()["VisibilityTimeout"] == "45"
    assert handle.dead_letter() == dead
    assert dead.dead_letter() is None
    assert surface.create_queue("west", {}, region="us-west-2").arn == f"arn:aws:sqs:us-west-2:{ACCOUNT}:west"
    assert {queue.name for queue in surface.queues()} == {"dead", "orders", "west"}


def test_a_queue_is_refused_as_the_api_refuses_it(surface: MotoSurface) -> None:
    surface.create_queue("orders", {"DelaySeconds": 1})
    policy = {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:none", "maxReceiveCount": 3}
    for name, attributes, code, words in (
        ("a b", {}, "InvalidParameterValue", "Can only include alphanumeric characters"),
        ("new", {"VisibilityTimeout": -1}, "InvalidAttributeValue", "Invalid value for the parameter Visib"),
        ("new", {"RedrivePolicy": policy}, "InvalidParameterValue", "Value {"),
        ("orders", {"DelaySeconds": 2}, "QueueAlreadyExists", ""),
    ):
        with pytest.raises(Refusal) as caught:
            surface.create_queue(name, attributes)
        assert caught.value.code == code
        assert caught.value.message.startswith(words)


def test_a_queue_is_found_by_name_arn_and_url(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    west = surface.create_queue("orders", {}, region="us-west-2")
    for reference in (
        "orders",
        handle.arn,
        handle.url,
        f"https://{REGION}.queue.amazonaws.com/{ACCOUNT}/orders",
    ):
        assert surface.find_queue(reference) == handle
    assert surface.find_queue(west.arn) == west
    assert surface.find_queue(west.url) == west
    assert surface.find_queue(f"http://localhost:4566/{ACCOUNT}/orders") == handle
    assert len({handle, surface.find_queue("orders"), west}) == 2
    assert repr(handle) == f"<QueueHandle {handle.arn}>"
    assert handle != "orders"
    for reference, hint in (
        (f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/nope", handle.arn),
        (f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders", "in another account or region"),
    ):
        with pytest.raises(Refusal) as caught:
            surface.find_queue(reference)
        assert hint in f"{caught.value.hint} {handle.arn}"
    with pytest.raises(Refusal) as caught:
        surface.find_queue("odrers")
    assert caught.value.code == "AWS.SimpleQueueService.NonExistentQueue"
    assert handle.arn in f"{caught.value.hint}, {handle.arn}"
    assert "orders" in caught.value.hint


def test_without_any_queue_the_hint_says_so(surface: MotoSurface) -> None:
    with pytest.raises(Refusal) as caught:
        surface.find_queue("orders")
    assert caught.value.hint == "moto has no queue at all; make one first"


def test_attributes_act_at_once(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    sqs = boto3.client("sqs")
    sqs.set_queue_attributes(QueueUrl=handle.url, Attributes={"VisibilityTimeout": "7", "DelaySeconds": "3"})
    settings = handle.engine.settings
    assert (settings.visibility_ms, settings.delay_ms, settings.retention_ms) == (7_000, 3_000, 345_600_000)
    assert (settings.max_receive_count, settings.dead_letter_queue) == (None, None)
    dead = surface.create_queue("dead", {})
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": "2"})
    sqs.set_queue_attributes(QueueUrl=handle.url, Attributes={"RedrivePolicy": policy})
    assert (settings.max_receive_count, settings.dead_letter_queue) == (2, dead.engine)
    sqs.delete_queue(QueueUrl=dead.url)
    assert settings.dead_letter_queue is None
    assert handle.dead_letter() is None
    sqs.set_queue_attributes(QueueUrl=handle.url, Attributes={"RedrivePolicy": ""})
    assert settings.max_receive_count is None


def test_a_queue_of_a_stack_is_a_queue(surface: MotoSurface, clock: VirtualClock) -> None:
    template = {
        "Resources": {
            "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dead"}},
            "Orders": {
                "Type": "AWS::SQS::Queue",
                "Properties": {
                    "QueueName": "orders",
                    "VisibilityTimeout": 10,
                    "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 1},
                },
            },
        }
    }
    stacks = boto3.client("cloudformation")
    stacks.create_stack(StackName="s", TemplateBody=json.dumps(template))
    handle = surface.find_queue("orders")
    surface.send(handle, "a")
    assert len(handle.engine.receive(10, clock.now_ms)) == 1
    template["Resources"]["Orders"]["Properties"]["VisibilityTimeout"] = 20
    stacks.update_stack(StackName="s", TemplateBody=json.dumps(template))
    assert handle.engine.settings.visibility_ms == 20_000
    clock.jump_to(clock.now_ms + 10_000)
    assert handle.engine.receive(10, clock.now_ms) == []
    dead = handle.dead_letter()
    assert dead is not None
    assert dead.engine.counts(clock.now_ms) == (1, 0, 0)


def test_a_deleted_or_purged_queue_loses_its_messages(surface: MotoSurface, journal: Any) -> None:
    handle = surface.create_queue("orders", {})
    sqs = boto3.client("sqs")
    first = surface.send(handle, "a")
    sqs.purge_queue(QueueUrl=handle.url)
    second = surface.send(handle, "b")
    sqs.delete_queue(QueueUrl=handle.url)
    lost = [(ids, fate) for _, _, ids, fate in journal.of("left")]
    assert lost == [((first.id,), "discarded"), ((second.id,), "discarded")]
    with pytest.raises(Refusal, match="NonExistentQueue"):
        surface.send(handle, "c")
    sqs.create_queue(QueueName="others")
    surface.clock.jump_to(surface.clock.now_ms + 60_000)
    again = surface.create_queue("orders", {})
    assert again != handle
    assert again.engine.counts(surface.clock.now_ms) == (0, 0, 0)


# -- sending and receiving --------------------------------------------------------------------------------------------


def test_everybody_s_messages_take_one_path(surface: MotoSurface, journal: Any) -> None:
    handle = surface.create_queue("orders", {})
    record = surface.send(handle, "ours", message_group_id="tenant", sender_id="AIDAX")
    boto3.client("sqs").send_message(QueueUrl=handle.url, MessageBody="theirs", MessageGroupId="tenant")
    sqs_backends[ACCOUNT][REGION].send_message("orders", "moto's")
    assert [record.body for _, _, record in journal.of("entered")] == ["ours", "theirs", "moto's"]
    got = boto3.client("sqs").receive_message(QueueUrl=handle.url, MaxNumberOfMessages=10, AttributeNames=["All"])
    assert got["Messages"][0]["MessageId"] == record.id
    assert got["Messages"][0]["Attributes"]["SenderId"] == "AIDAX"
    assert [message["Attributes"].get("MessageGroupId") for message in got["Messages"]] == ["tenant", "tenant", None]
    with pytest.raises(Refusal, match="MessageDeduplicationId"):
        surface.send(handle, "x", message_deduplication_id="d")
    with pytest.raises(ClientError, match="MessageDeduplicationId"):
        boto3.client("sqs").send_message(QueueUrl=handle.url, MessageBody="x", MessageDeduplicationId="d")
    with pytest.raises(Refusal, match="MessageBody"):
        surface.send_all(handle, ["fine", ""])
    assert len(journal.of("entered")) == 3


def test_an_announced_message_enters_at_its_time(surface: MotoSurface, clock: VirtualClock) -> None:
    handle = surface.create_queue("orders", {})
    record = surface.send(handle, "later", at_ms=clock.now_ms + 5_000)
    assert record.sent_timestamp == clock.now_ms + 5_000
    assert handle.engine.counts(clock.now_ms) == (0, 0, 0)
    got = boto3.client("sqs").receive_message(QueueUrl=handle.url, WaitTimeSeconds=20)
    assert got["Messages"][0]["Body"] == "later"
    assert clock.elapsed == 5


def test_message_attributes_are_filtered_by_name_and_prefix(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {"VisibilityTimeout": 0})
    attributes = {
        name: {"DataType": "String", "StringValue": value}
        for name, value in (("Hello", "There"), ("General", "Kenobi"), ("Help.Me", "Me"))
    }
    surface.send(handle, "msg", message_attributes=attributes)
    sqs = boto3.client("sqs")

    def seen(*names: str) -> tuple[set[str], str | None]:
        [message] = sqs.receive_message(QueueUrl=handle.url, MessageAttributeNames=list(names))["Messages"]
        return set(message.get("MessageAttributes", ())), message.get("MD5OfMessageAttributes")

    # names and sums as recorded on AWS
    assert seen() == (set(), None)
    assert seen("All") == (set(attributes), "4c360f3fdafd970e05fae2f149d997f5")
    assert seen(".*") == (set(attributes), "4c360f3fdafd970e05fae2f149d997f5")
    assert seen("Hello", "General") == ({"Hello", "General"}, "fca026605781cb4126a1e9044df24232")
    assert seen("Hello", "Nope") == ({"Hello"}, "a311262e065454b75da111d535b8dacd")
    assert seen("Hel.*") == ({"Hello", "Help.Me"}, "83fee93c1bcd8b9a5a923ffacdc636c7")
    assert seen("Foo") == (set(), None)


def test_the_counts_follow_every_call(surface: MotoSurface, clock: VirtualClock) -> None:
    handle = surface.create_queue("orders", {"VisibilityTimeout": 10})
    sqs = boto3.client("sqs")
    for body in "abc":
        surface.send(handle, body)
    surface.send(handle, "d", delay_seconds=60)

    def counts() -> tuple[int, ...]:
        got = handle.attributes()
        return tuple(int(got[f"ApproximateNumberOfMessages{kind}"]) for kind in ("", "NotVisible", "Delayed"))

    assert counts() == (3, 0, 1)
    first, second = sqs.receive_message(QueueUrl=handle.url, MaxNumberOfMessages=2)["Messages"]
    assert counts() == (1, 2, 1)
    sqs.delete_message(QueueUrl=handle.url, ReceiptHandle=first["ReceiptHandle"])
    sqs.delete_message(QueueUrl=handle.url, ReceiptHandle=first["ReceiptHandle"])
    assert counts() == (1, 1, 1)
    clock.jump_to(clock.now_ms + 10_000)
    assert counts() == (2, 0, 1)
    entries = [{"Id": "good", "ReceiptHandle": second["ReceiptHandle"]}, {"Id": "bad", "ReceiptHandle": "x"}]
    answer = sqs.delete_message_batch(QueueUrl=handle.url, Entries=entries)
    assert [entry["Id"] for entry in answer["Successful"]] == ["good"]
    assert [(entry["Id"], entry["Code"]) for entry in answer["Failed"]] == [("bad", "ReceiptHandleIsInvalid")]
    assert counts() == (1, 0, 1)


def test_batches_are_refused_as_a_whole(surface: MotoSurface) -> None:
    url = surface.create_queue("orders", {}).url
    sqs = boto3.client("sqs")
    for entries, code, words in (
        ([], "EmptyBatchRequest", "There should be at least one DeleteMessageBatchRequestEntry in the request."),
        ([{"Id": "a:b", "ReceiptHandle": "x"}], "InvalidBatchEntryId", "A batch entry id can only contain"),
        ([{"Id": "a", "ReceiptHandle": "x"}] * 2, "BatchEntryIdsNotDistinct", "Id a repeated."),
    ):
        with pytest.raises(ClientError) as caught:
            sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        error = caught.value.response["Error"]
        assert error["Code"] == f"AWS.SimpleQueueService.{code}"
        assert error["Message"].startswith(words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"MaxNumberOfMessages": 11}, "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between"),
        ({"WaitTimeSeconds": 21}, "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20"),
        ({"VisibilityTimeout": 43_201}, "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0"),
    ],
)
def test_a_receive_is_refused_in_aws_s_words(surface: MotoSurface, options: Any, words: str) -> None:
    url = surface.create_queue("orders", {}).url
    with pytest.raises(ClientError) as caught:
        boto3.client("sqs").receive_message(QueueUrl=url, **options)
    assert caught.value.response["Error"]["Message"].startswith(words)


def test_a_long_poll_ends_with_the_function_s_timeout(surface: MotoSurface, clock: VirtualClock) -> None:
    url = surface.create_queue("orders", {}).url
    sqs = boto3.client("sqs")
    clock.deadline_ms = clock.now_ms + 3_000
    with pytest.raises(DeadlinePassed):
        sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
    assert clock.elapsed == 3
    clock.deadline_ms = None
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_the_user_s_freeze_is_joined_at_every_call(surface: MotoSurface, clock: VirtualClock) -> None:
    url = surface.create_queue("orders", {"DelaySeconds": 5}).url
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="a")
    clock.before_entry = lambda: clock.jump_to(clock.start_ms + 5_000)
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "a"


def test_threads_of_a_handler_may_send_at_once(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    sqs = boto3.client("sqs")

    def send() -> None:
        for _ in range(10):
            sqs.send_message(QueueUrl=handle.url, MessageBody="a")

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert handle.engine.counts(surface.clock.now_ms) == (40, 0, 0)
    handle.engine.check()


def test_the_same_seed_gives_the_same_ids(make: Any) -> None:
    def ids(seed: int) -> tuple[str, str]:
        surface = make(seed)
        surface.start()
        handle = surface.create_queue("orders", {})
        record = surface.send(handle, "a")
        [message] = boto3.client("sqs").receive_message(QueueUrl=handle.url)["Messages"]
        surface.stop()
        assert message["MessageId"] == record.id
        return record.id, message["ReceiptHandle"]

    assert ids(1) == ids(1)
    assert ids(1) != ids(2)


# -- FIFO -------------------------------------------------------------------------------------------------------------


def test_a_fifo_queue_through_every_call(surface: MotoSurface, clock: VirtualClock) -> None:
    handle = surface.create_queue("orders.fifo", {"FifoQueue": True, "ContentBasedDeduplication": True})
    sqs = boto3.client("sqs")
    entry = {"Id": "b", "MessageBody": "b", "MessageGroupId": "g"}
    sqs.send_message(QueueUrl=handle.url, MessageBody="a", MessageGroupId="g", MessageDeduplicationId="1")
    sqs.send_message_batch(QueueUrl=handle.url, Entries=[entry])
    assert handle.attributes()["ApproximateNumberOfMessages"] == "2"
    [message] = sqs.receive_message(QueueUrl=handle.url, VisibilityTimeout=10)["Messages"]
    change = {"QueueUrl": handle.url, "ReceiptHandle": message["ReceiptHandle"]}
    sqs.change_message_visibility(**change, VisibilityTimeout=5)
    assert "Messages" not in sqs.receive_message(QueueUrl=handle.url, WaitTimeSeconds=3)
    assert clock.elapsed == 3
    [again] = sqs.receive_message(QueueUrl=handle.url, WaitTimeSeconds=20)["Messages"]
    assert clock.elapsed == 5
    assert (again["Body"], again["MessageId"]) == ("a", message["MessageId"])
    entries = [
        {"Id": "old", "ReceiptHandle": message["ReceiptHandle"]},
        {"Id": "x", "ReceiptHandle": again["ReceiptHandle"]},
    ]
    sqs.change_message_visibility_batch(QueueUrl=handle.url, Entries=[{**entries[1], "VisibilityTimeout": 30}])
    answer = sqs.delete_message_batch(QueueUrl=handle.url, Entries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["x"]
    assert [(one["Id"], one["Code"]) for one in answer["Failed"]] == [("old", "InvalidParameterValue")]
    [second] = sqs.receive_message(QueueUrl=handle.url, MaxNumberOfMessages=10)["Messages"]
    assert second["Body"] == "b"
    sqs.purge_queue(QueueUrl=handle.url)
    assert handle.engine.counts(clock.now_ms) == (0, 0, 0)
    sqs.delete_queue(QueueUrl=handle.url)
    with pytest.raises(ClientError, match="NonExistentQueue"):
        sqs.receive_message(QueueUrl=handle.url)


def test_a_fifo_send_is_refused_in_aws_s_words(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders.fifo", {"FifoQueue": True})
    sqs = boto3.client("sqs")
    good = {"MessageGroupId": "g", "MessageDeduplicationId": "d"}
    only = "can only include alphanumeric and punctuation characters. 1 to 128 in length."
    for wrong, code, words in (
        ({"MessageGroupId": None}, "MissingParameter", "The request must contain the parameter MessageGroupId."),
        (
            {"MessageDeduplicationId": None},
            "InvalidParameterValue",
            (
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
                "explicitly"
            ),
        ),
        (
            {"MessageGroupId": "a b"},
            "InvalidParameterValue",
            f"Value a b for parameter MessageGroupId is invalid. Reason: MessageGroupId {only}",
        ),
        (
            {"MessageDeduplicationId": "d" * 129},
            "InvalidParameterValue",
            f"Value {'d' * 129} for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId {only}",
        ),
        (
            {"DelaySeconds": 3},
            "InvalidParameterValue",
            (
                "Value 3 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not "
                "valid for this queue type."
            ),
        ),
    ):
        options = {name: value for name, value in {**good, **wrong}.items() if value is not None}
        with pytest.raises(ClientError) as caught:
            sqs.send_message(QueueUrl=handle.url, MessageBody="a", **options)
        assert (caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]) == (code, words)
    sqs.send_message(QueueUrl=handle.url, MessageBody="a", DelaySeconds=0, **good)
    with pytest.raises(ClientError, match="ReceiveRequestAttemptId can only include"):
        sqs.receive_message(QueueUrl=handle.url, ReceiveRequestAttemptId="a b")


def test_the_delay_of_a_fifo_queue_is_its_own(surface: MotoSurface, clock: VirtualClock) -> None:
    handle = surface.create_queue("orders.fifo", {"FifoQueue": True, "DelaySeconds": 5})
    surface.send(handle, "a", message_group_id="g", message_deduplication_id="1", delay_seconds=0)
    assert handle.engine.counts(clock.now_ms) == (0, 0, 1)
    assert boto3.client("sqs").receive_message(QueueUrl=handle.url, WaitTimeSeconds=20)["Messages"][0]["Body"] == "a"
    assert clock.elapsed == 5


def test_high_throughput_needs_its_scope(surface: MotoSurface) -> None:
    limit = {"FifoQueue": "true", "FifoThroughputLimit": "perMessageGroupId"}
    sqs = boto3.client("sqs")
    with pytest.raises(ClientError, match="InvalidAttributeValue"):
        sqs.create_queue(QueueName="orders.fifo", Attributes=limit)
    scope = {"DeduplicationScope": "messageGroup"}
    url = sqs.create_queue(QueueName="orders.fifo", Attributes={**limit, **scope})["QueueUrl"]
    with pytest.raises(ClientError, match="InvalidAttributeValue"):
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"DeduplicationScope": "queue"})
    sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue"}
    )
    with pytest.raises(ClientError, match="InvalidAttributeValue"):
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"FifoThroughputLimit": "perMessageGroupId"})


@pytest.mark.parametrize(
    ("name", "attributes"),
    [("orders", {"FifoQueue": "true"}), ("orders.fifo", {}), ("orders.fifo", {"FifoQueue": "false"})],
)
def test_the_name_and_the_kind_of_a_queue_agree(surface: MotoSurface, name: str, attributes: Any) -> None:
    with pytest.raises(ClientError):
        boto3.client("sqs").create_queue(QueueName=name, Attributes=attributes)
    assert surface.queues() == []


def test_fifo_messages_from_before_are_taken_over_and_given_back(clock: VirtualClock, journal: Any, make: Any) -> None:
    with mock_aws():
        sqs = boto3.client("sqs", region_name=REGION)
        attributes = {"FifoQueue": "true", "VisibilityTimeout": "30"}
        url = sqs.create_queue(QueueName="orders.fifo", Attributes=attributes)["QueueUrl"]
        for body in "abcd":
            sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=body)
        [flying] = sqs.receive_message(QueueUrl=url)["Messages"]
        surface = make()
        surface.start()
        engine = surface.find_queue("orders.fifo").engine
        assert engine.counts(clock.now_ms) == (3, 1, 0)
        assert "Messages" not in sqs.receive_message(QueueUrl=url)
        sqs.send_message(QueueUrl=url, MessageBody="b", MessageGroupId="g", MessageDeduplicationId="b")  # once more
        sqs.delete_message(QueueUrl=url, ReceiptHandle=flying["ReceiptHandle"])
        names = {"MaxNumberOfMessages": 2, "MessageSystemAttributeNames": ["All"]}
        got = sqs.receive_message(QueueUrl=url, **names)["Messages"]
        assert [message["Body"] for message in got] == ["b", "c"]
        assert [message["Attributes"]["MessageGroupId"] for message in got] == ["g", "g"]
        numbers = [message["Attributes"]["SequenceNumber"] for message in got]
        sent = sqs.send_message(QueueUrl=url, MessageBody="e", MessageGroupId="g", MessageDeduplicationId="e")
        assert sorted([*numbers, sent["SequenceNumber"]]) == [*numbers, sent["SequenceNumber"]]
        surface.stop()
        left = moto_queue("orders.fifo")._messages
        assert [(message.body, message.group_id, message.deduplication_id) for message in left] == [
            (body, "g", body) for body in "bcde"
        ]
        assert "Messages" not in sqs.receive_message(QueueUrl=url)
        clock.jump_to(clock.now_ms + 30_001)
        assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] in "bcde"  # moto's own order


@pytest.mark.parametrize("raw", ["true", "false"])
def test_a_fifo_topic_delivers_with_the_hash_of_the_message(surface: MotoSurface, raw: str) -> None:
    """Not of the envelope, which differs each time (recorded)."""
    handle = surface.create_queue("orders.fifo", {"FifoQueue": True})
    sns = boto3.client("sns")
    attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "true"}
    topic = sns.create_topic(Name="t.fifo", Attributes=attributes)["TopicArn"]
    options = {"Attributes": {"RawMessageDelivery": "true"}} if raw == "true" else {}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=handle.arn, **options)
    for _ in range(2):
        sns.publish(TopicArn=topic, Message="Test", MessageGroupId="g")
    sns.publish(TopicArn=topic, Message="Test", MessageGroupId="g", MessageDeduplicationId="mine")
    first, second = (message.record for message in handle.engine.messages(surface.clock.now_ms))
    assert first.message_deduplication_id == "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"
    assert (first.message_group_id, second.message_deduplication_id) == ("g", "mine")
    assert first.sequence_number < second.sequence_number


def test_a_fifo_topic_may_deliver_to_a_standard_queue(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    sns = boto3.client("sns")
    attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "true"}
    topic = sns.create_topic(Name="t.fifo", Attributes=attributes)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=handle.arn)
    sns.publish(TopicArn=topic, Message="Test", MessageGroupId="g")
    record = delivered(surface, "orders")
    assert (record.message_group_id, record.message_deduplication_id, record.sequence_number) == ("g", None, None)


# -- queues that are gone, emptied, changed ---------------------------------------------------------------------------


def test_a_deleted_queue_answers_nothing_but_that(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    surface.send(handle, "a")
    sqs = boto3.client("sqs")
    [message] = sqs.receive_message(QueueUrl=handle.url)["Messages"]
    sqs.delete_queue(QueueUrl=handle.url)
    receipt = {"ReceiptHandle": message["ReceiptHandle"]}
    for call, options in (
        (sqs.send_message, {"MessageBody": "b"}),
        (sqs.receive_message, {}),
        (sqs.delete_message, receipt),
        (sqs.change_message_visibility, {**receipt, "VisibilityTimeout": 1}),
        (sqs.get_queue_attributes, {"AttributeNames": ["All"]}),
        (sqs.set_queue_attributes, {"Attributes": {"DelaySeconds": "1"}}),
        (sqs.purge_queue, {}),
        (sqs.delete_queue, {}),
    ):
        with pytest.raises(ClientError) as caught:
            call(QueueUrl=handle.url, **options)
        assert caught.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_second_purge_waits_a_minute(surface: MotoSurface, clock: VirtualClock) -> None:
    """API reference, PurgeQueue: one in 60 seconds, whatever moto's setting says."""
    handle = surface.create_queue("orders", {})
    sqs = boto3.client("sqs")
    sqs.purge_queue(QueueUrl=handle.url)
    surface.send(handle, "a")
    clock.jump_to(clock.now_ms + 59_999)
    with pytest.raises(ClientError) as caught:
        sqs.purge_queue(QueueUrl=handle.url)
    assert caught.value.response["Error"] == {
        **caught.value.response["Error"],
        "Code": "AWS.SimpleQueueService.PurgeQueueInProgress",
        "Message": "Only one PurgeQueue operation on orders is allowed every 60 seconds.",
    }
    assert handle.engine.counts(clock.now_ms) == (1, 0, 0)
    clock.jump_to(clock.now_ms + 1)
    sqs.purge_queue(QueueUrl=handle.url)
    assert handle.engine.counts(clock.now_ms) == (0, 0, 0)


def test_what_fell_due_before_a_change_happened_before_it(
    surface: MotoSurface, clock: VirtualClock, journal: Any
) -> None:
    handle = surface.create_queue("orders", {"MessageRetentionPeriod": 60})
    record = surface.send(handle, "a")
    clock.jump_to(clock.now_ms + 60_000)
    attributes = {"MessageRetentionPeriod": "600"}
    boto3.client("sqs").set_queue_attributes(QueueUrl=handle.url, Attributes=attributes)
    assert handle.engine.messages(clock.now_ms) == []
    assert journal.of("left") == [(clock.start_ms + 60_000, handle.arn, (record.id,), "expired")]


def test_a_reset_of_moto_frees_the_names(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    boto3.client("sqs").delete_queue(QueueUrl=handle.url)
    MockAWS().reset()
    sqs_backends[ACCOUNT][REGION].reset()
    surface.create_queue("orders", {})


def test_an_existing_queue_with_another_allow_policy_is_refused(surface: MotoSurface) -> None:
    allow = {"RedriveAllowPolicy": {"redrivePermission": "denyAll"}}
    assert surface.create_queue("dead", allow) == surface.create_queue("dead", allow)
    with pytest.raises(Refusal, match="QueueAlreadyExists"):
        surface.create_queue("dead", {"RedriveAllowPolicy": {"redrivePermission": "allowAll"}})
    assert surface.create_queue("dead", {}).attributes()["RedriveAllowPolicy"] == '{"redrivePermission":"denyAll"}'


def test_an_allow_policy_of_a_stack_is_read(surface: MotoSurface) -> None:
    properties = {"QueueName": "dead", "RedriveAllowPolicy": {"redrivePermission": "denyAll"}}
    template = {"Resources": {"Dead": {"Type": "AWS::SQS::Queue", "Properties": properties}}}
    boto3.client("cloudformation").create_stack(StackName="s", TemplateBody=json.dumps(template))
    assert surface.find_queue("dead").attributes()["RedriveAllowPolicy"] == '{"redrivePermission":"denyAll"}'


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("x", "unsupported format"),
        ("[]", "unsupported format"),
        ('{"redrivePermission":"some"}', "unsupported format"),
        ('{"redrivePermission":"allowAll","x":1}', "unsupported format"),
        ('{"redrivePermission":"byQueue","sourceQueueArns":"arn"}', "unsupported format"),
        ('{"redrivePermission":"byQueue"}', "you must also specify one or more sourceQueueArns values."),
        ('{"redrivePermission":"denyAll","sourceQueueArns":["a"]}', "you must set redrivePermission to byQueue."),
        (
            '{"redrivePermission":"byQueue","sourceQueueArns":["1","2","3","4","5","6","7","8","9","10","11"]}',
            "The maximum number of source queue ARNs you can specify is 10.",
        ),
    ],
)
def test_an_allow_policy_is_refused_in_aws_s_words(surface: MotoSurface, policy: str, words: str) -> None:
    with pytest.raises(ClientError) as caught:
        boto3.client("sqs").create_queue(QueueName="dead", Attributes={"RedriveAllowPolicy": policy})
    assert words in caught.value.response["Error"]["Message"]


def test_moto_s_own_mapping_never_pushes(surface: MotoSurface) -> None:
    class Mapping:
        enabled = True
        batch_size = 1

    for name, attributes in (
        ("orders", {}),
        ("orders.fifo", {"FifoQueue": "true", "ContentBasedDeduplication": "true"}),
    ):
        url = surface.create_queue(name, attributes).url
        mappings = {"arn": Mapping()}
        moto_queue(name).lambda_event_source_mappings = mappings
        group = {"MessageGroupId": "g"} if attributes else {}
        boto3.client("sqs").send_message(QueueUrl=url, MessageBody="a", **group)
        assert moto_queue(name).lambda_event_source_mappings is mappings
        assert surface.find_queue(url).attributes()["ApproximateNumberOfMessages"] == "1"


def test_those_who_call_moto_s_backend_meet_the_engine(surface: MotoSurface, clock: VirtualClock) -> None:
    handle = surface.create_queue("orders", {})
    backend = sqs_backends[ACCOUNT][REGION]
    sent = backend.send_message("orders", "a", delay_seconds=0)
    [message] = backend.receive_message("orders", 1, 0, 30)
    assert (message.id, message.body, message.approximate_receive_count) == (sent.id, "a", 1)
    backend.change_message_visibility("orders", message.receipt_handle, 0)
    [message] = backend.receive_message("orders", 1, 5, 30)
    backend.delete_message("orders", message.receipt_handle)
    own = Message("own", "b")
    own.mark_sent()
    moto_queue("orders").add_message(own)
    assert [message.record.id for message in handle.engine.messages(clock.now_ms)] == ["own"]


# -- what other services deliver --------------------------------------------------------------------------------------


def delivered(surface: MotoSurface, name: str) -> Any:
    [message] = surface.find_queue(name).engine.messages(surface.clock.now_ms)
    return message.record


def test_sns_prints_its_notification(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    sns = boto3.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=handle.arn)["SubscriptionArn"]
    attributes = {"k": {"DataType": "String", "StringValue": "v"}, "n": {"DataType": "Number", "StringValue": "1"}}
    published = sns.publish(TopicArn=topic, Message='{"ä": 1}', Subject="s", MessageAttributes=attributes)
    record = delivered(surface, "orders")
    signature, certificate = (json.loads(record.body)[name] for name in ("Signature", "SigningCertURL"))
    assert record.body == (
        "{\n"
        '  "Type" : "Notification",\n'
        f'  "MessageId" : "{published["MessageId"]}",\n'
        f'  "TopicArn" : "{topic}",\n'
        '  "Subject" : "s",\n'
        '  "Message" : "{\\"ä\\": 1}",\n'
        '  "Timestamp" : "2025-01-01T00:00:00.000Z",\n'
        '  "SignatureVersion" : "1",\n'
        f'  "Signature" : "{signature}",\n'
        f'  "SigningCertURL" : "{certificate}",\n'
        f'  "UnsubscribeURL" : "https://sns.{REGION}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription}",\n'
        '  "MessageAttributes" : {\n'
        '    "k" : {"Type":"String","Value":"v"},\n'
        '    "n" : {"Type":"Number","Value":"1"}\n'
        "  }\n"
        "}"
    )
    assert re.fullmatch(
        rf"https://sns\.{REGION}\.amazonaws\.com/SimpleNotificationService-[0-9a-f]{{32}}\.pem", certificate
    )
    assert (record.sender_id, record.message_attributes) == ("AIDAISMY7JYY5F7RTT6AO", {})


def test_sns_delivers_raw_with_attributes(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    sns = boto3.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=handle.arn, Attributes=raw)
    attributes = {
        "b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        "n": {"DataType": "Number", "StringValue": "1.50"},
    }
    sns.publish(TopicArn=topic, Message="plain", MessageAttributes=attributes)
    record = delivered(surface, "orders")
    assert (record.body, record.sender_id) == ("plain", "AIDAISMY7JYY5F7RTT6AO")
    assert record.message_attributes == {**attributes, "n": {"DataType": "Number", "StringValue": "1.5"}}


def test_s3_writes_its_records_compactly(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    configuration = {"QueueConfigurations": [{"Id": "c", "QueueArn": handle.arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration)
    test_event = delivered(surface, "orders").body
    assert list(json.loads(test_event)) == ["Service", "Event", "Time", "Bucket", "RequestId", "HostId"]
    handle.engine.purge(surface.clock.now_ms)
    s3.put_object(Bucket="bucket", Key="a key/ä", Body=b"x")
    record = delivered(surface, "orders")
    assert record.sender_id == "AIDAJQOC3SADRY5PEMBNW"
    event = json.loads(record.body)
    assert record.body == json.dumps(event, separators=(",", ":"))
    [entry] = event["Records"]
    assert list(entry) == [
        "eventVersion",
        "eventSource",
        "awsRegion",
        "eventTime",
        "eventName",
        "userIdentity",
        "requestParameters",
        "responseElements",
        "s3",
    ]
    assert list(entry["s3"]) == ["s3SchemaVersion", "configurationId", "bucket", "object"]
    assert list(entry["s3"]["bucket"]) == ["name", "ownerIdentity", "arn"]
    assert list(entry["s3"]["object"]) == ["key", "size", "eTag", "sequencer"]
    assert entry["s3"]["object"]["key"] == "a+key%2F%C3%A4"
    assert re.fullmatch(r"[0-9A-F]{18}", entry["s3"]["object"]["sequencer"])
    assert re.fullmatch(r"[A-Z0-9]{16}", entry["responseElements"]["x-amz-request-id"])
    assert (entry["eventName"], entry["eventTime"]) == ("ObjectCreated:Put", "2025-01-01T00:00:00.000Z")


def test_eventbridge_writes_compactly_in_its_order(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    events = boto3.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": handle.arn}])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "Order", "Detail": '{"ä": [1, 2.50]}'}])
    record = delivered(surface, "orders")
    event = json.loads(record.body)
    assert record.body == (
        f'{{"version":"0","id":"{event["id"]}","detail-type":"Order","source":"shop","account":"{ACCOUNT}",'
        f'"time":"2025-01-01T00:00:00Z","region":"{REGION}","resources":[],"detail":{{"ä":[1,2.5]}}}}'
    )
    assert re.fullmatch("AIDA[A-Z2-7]{17}", record.sender_id)


def test_an_input_of_the_target_s_own_is_left_as_it_is(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {})
    events = boto3.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    paths = {"n": "$.detail.n", "t": "$.time"}  # moto 5.1 fails in a template without a time
    transformer = {"InputPathsMap": paths, "InputTemplate": '{"time": <t>, "order": <n>, "kind": "x"}'}
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": handle.arn, "InputTransformer": transformer}])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "Order", "Detail": '{"n": 7}'}])
    assert delivered(surface, "orders").body == '{"time":"2025-01-01T00:00:00Z","order":7,"kind":"x"}'


def test_a_notification_without_attributes_has_no_such_line(surface: MotoSurface) -> None:
    handle = surface.create_queue("orders", {}, region="us-east-2")
    sns = boto3.client("sns", region_name="us-east-2")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=handle.arn)
    sns.publish(TopicArn=topic, Message="m")
    record = delivered(surface, handle.arn)
    assert list(json.loads(record.body)) == [
        "Type",
        "MessageId",
        "TopicArn",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
        "UnsubscribeURL",
    ]
    assert re.fullmatch("AIDA[A-Z2-7]{17}", record.sender_id)


def test_a_body_of_the_user_s_own_is_never_touched(surface: MotoSurface) -> None:
    body = '{ "Type" : "Notification",  "Records": [], "a": 1, "a": 2 }'
    handle = surface.create_queue("orders", {})
    boto3.client("sqs").send_message(QueueUrl=handle.url, MessageBody=body)
    assert delivered(surface, "orders").body == body
