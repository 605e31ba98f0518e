"""Event source mappings that the user's own code made in moto: adopted, kept up with, and nothing left of them."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from pytest_lambda_events import HandlerNotUsable, Harness, NotSimulated, UsageError
from pytest_lambda_events.brokers.moto.lambda_mappings import find_mapping, find_mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = """
import os
import time
from pathlib import Path
from helper import greet

IMPORTED_WITH = os.environ.get("GREETING")
IMPORTED_AT = time.time()
CALLS = []

def handler(event, context):
    import lazily
    CALLS.append(1)
    names = [greet(record["body"]) for record in event["Records"]]
    return {"names": names, "imported_with": IMPORTED_WITH, "imported_at": IMPORTED_AT, "lazily": lazily.VALUE,
            "greeting": os.environ.get("GREETING"), "function": context.function_name, "calls": len(CALLS),
            "version": context.function_version, "arn": context.invoked_function_arn,
            "data": (Path(__file__).parent / "data.txt").read_text(encoding="utf-8")}
"""
FILES = {
    "app.py": SOURCE,
    "helper/__init__.py": "from helper.inner import greet\n",
    "helper/inner.py": "def greet(name):\n    return 'hello ' + name\n",
    "lazily.py": "VALUE = 7\n",
    "data.txt": "some data",
}


def nothing(_event: Any, _context: Any) -> None:
    """A handler that succeeds."""


def zipped(files: dict[str, str]) -> bytes:
    """A zip file with these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


class Deployment:
    """Functions and mappings, as a set-up script makes them with boto3."""

    def __init__(self) -> None:
        self.client = boto3.client("lambda", region_name="us-east-1")
        self.iam = boto3.client("iam", region_name="us-east-1")
        self.role: str | None = None

    def function(self, name: str = "orders", files: dict[str, str] | None = None, **parameters: Any) -> str:
        """Make a function; its ARN."""
        if self.role is None:
            self.role = self.iam.create_role(RoleName="lambda", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        given = {
            "Runtime": "python3.12",
            "Handler": "app.handler",
            "Code": {"ZipFile": zipped(FILES if files is None else files)},
            **parameters,
        }
        return self.client.create_function(FunctionName=name, Role=self.role, **given)["FunctionArn"]

    def mapping(self, queue: Any, function: str = "orders", **parameters: Any) -> str:
        """Make a mapping; its UUID."""
        made = self.client.create_event_source_mapping(EventSourceArn=queue.arn, FunctionName=function, **parameters)
        return made["UUID"]


def left_behind() -> tuple[set[str], list[str], set[str], set[str]]:
    """What a harness could leave: modules, paths, importers, temporary directories."""
    temporary = {path.name for path in Path(tempfile.gettempdir()).glob("lambda-events-*")}
    return (
        set(sys.modules) & {"app", "helper", "lazily", "helper.inner"},
        [*sys.path],
        {path for path in sys.path_importer_cache if "lambda-events-" in path},
        temporary,
    )


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Harness]:
    """An active harness after which nothing of a function's code is there any more."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("GREETING", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # of this test alone: others may run beside it
    before = left_behind()
    with Harness() as harness:
        yield harness
        assert left_behind()[:2] == before[:2]
    assert left_behind() == before
    assert "GREETING" not in os.environ


@pytest.fixture
def deployed(world: Harness) -> Deployment:
    """Where functions are made."""
    return Deployment()


@pytest.fixture
def queue(world: Harness) -> Any:
    """A queue."""
    return world.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=2)


# -- adopting --------------------------------------------------------------------------------------------------------


def test_a_uuid_adopts_the_mapping_with_its_configuration(world: Harness, deployed: Deployment, queue: Any) -> None:
    """UUID, parameters and the function's configuration are those of moto; the handler is the test's."""
    seen: list[Any] = []

    def handler(event: Any, context: Any) -> Any:
        seen.append((os.environ["GREETING"], context.get_remaining_time_in_millis(), context.memory_limit_in_mb))
        first, *_ = event["Records"]
        return {"batchItemFailures": [{"itemIdentifier": first["messageId"]}]}

    arn = deployed.function(Timeout=7, MemorySize=512, Environment={"Variables": {"GREETING": "hi"}})
    uuid = deployed.mapping(queue, BatchSize=3, FunctionResponseTypes=["ReportBatchItemFailures"])
    mapping = world.event_source_mapping(uuid, handler)
    assert mapping.uuid == uuid
    assert mapping.describe()["FunctionArn"] == arn
    theirs = deployed.client.get_event_source_mapping(UUID=uuid)
    assert {name: theirs[name] for name in ("BatchSize", "EventSourceMappingArn", "FunctionResponseTypes")} == {
        name: mapping.describe()[name] for name in ("BatchSize", "EventSourceMappingArn", "FunctionResponseTypes")
    }
    poison, *_ = queue.send("a", "b", "c", "d")
    run = mapping.run_until_idle()
    assert len(run.invocations[0].records) == 3
    assert run.invocations[0].outcome == "partial"
    assert run.dead_lettered[0] == poison
    assert seen[0] == ("hi", 7_000, "512")


def test_adopt_takes_all_that_are_there_and_not_adopted_yet(world: Harness, deployed: Deployment, queue: Any) -> None:
    """Two mappings of two functions, one of them adopted before; its DLQ is mapped as ever."""
    other = world.sqs_queue("other")
    deployed.function("orders")
    deployed.function("second")
    first = world.event_source_mapping(deployed.mapping(queue), "json:loads")
    uuid = deployed.mapping(other, "second")
    (second,) = world.adopt(handlers={"second": nothing, "orders": nothing})
    assert second.uuid == uuid
    assert world.adopt() == []
    assert queue.dlq is not None
    rescue = world.event_source_mapping(queue.dlq, nothing)
    (lost,) = queue.send("a")
    (fine,) = other.send("b")
    run = second.run_until_idle()
    assert run.processed == [fine]
    assert first.view().dead_lettered == [lost]
    assert rescue.view().processed == [lost]


def test_the_handler_is_found_in_the_functions_code(world: Harness, deployed: Deployment, queue: Any) -> None:
    """Packages, data files and late imports of the zip; imported once, on real time, in the function's environment."""
    deployed.function(Environment={"Variables": {"GREETING": "hi"}})
    deployed.mapping(queue, BatchSize=1)
    (mapping,) = world.adopt()
    assert not {"app", "helper", "lazily"} & set(sys.modules)
    queue.send("Ada", "Bob")
    first, second = mapping.run_until_idle().invocations
    assert first.error is None
    assert first.response["imported_at"] > world.virtual_clock.now_ms / 1000 + 86_400  # not on frozen time
    assert {name: first.response[name] for name in ("names", "imported_with", "greeting", "function", "data")} == {
        "names": ["hello Ada"],
        "imported_with": "hi",
        "greeting": "hi",
        "function": "orders",
        "data": "some data",
    }
    assert (second.response["names"], second.response["calls"], second.response["lazily"]) == (["hello Bob"], 2, 7)
    assert not {"app", "helper", "lazily"} & set(sys.modules)


def test_functions_with_modules_of_one_name_do_not_meet(
    world: Harness, deployed: Deployment, queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has its own `app`, and so has the test."""
    mine = type(sys)("app")
    monkeypatch.setitem(sys.modules, "app", mine)
    other = world.sqs_queue("other")
    for name in ("orders", "second"):
        source = f"X = {name!r}\ndef handler(event, context):\n    import app\n    return app.X"
        deployed.function(name, {"app.py": source})
    deployed.mapping(queue)
    deployed.mapping(other, "second")
    mappings = world.adopt()
    queue.send("a")
    other.send("b")
    world.run_until_idle()
    assert [mapping.view().invocations[0].response for mapping in mappings] == ["orders", "second"]
    assert sys.modules["app"] is mine
    monkeypatch.delitem(sys.modules, "app")


def test_two_mappings_of_one_function_share_its_module(world: Harness, deployed: Deployment, queue: Any) -> None:
    """As one execution environment does."""
    deployed.function()
    deployed.mapping(queue)
    other = world.sqs_queue("other")
    deployed.mapping(other)
    world.adopt()
    queue.send("a")
    other.send("b")
    assert [call.response["calls"] for call in world.run_until_idle().invocations] == [1, 2]


def test_a_library_that_the_process_has_stays_what_it_is(world: Harness, deployed: Deployment, queue: Any) -> None:
    """A botocore out of the zip would be one that nobody mocks."""
    files = {
        "app.py": "import botocore, json\ndef handler(e, c): return [botocore.__name__, json.dumps(1)]",
        "botocore/__init__.py": "raise RuntimeError('the vendored one')",
        "json.py": "raise RuntimeError('the vendored one')",
    }
    deployed.function(files=files)
    deployed.mapping(queue)
    (mapping,) = world.adopt()
    queue.send("a")
    (call,) = mapping.run_until_idle().invocations
    assert call.response == ["botocore", "1"]


@pytest.mark.parametrize("qualifier", ["1", "live"])
def test_a_version_or_alias_is_the_one_that_is_called(
    world: Harness, deployed: Deployment, queue: Any, qualifier: str
) -> None:
    """The ARN with its qualifier reaches the context."""
    arn = deployed.function()
    deployed.client.publish_version(FunctionName="orders")
    deployed.client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    mapping = world.event_source_mapping(deployed.mapping(queue, f"orders:{qualifier}"))
    queue.send("a")
    (call,) = mapping.run_until_idle().invocations
    assert call.response["arn"] == f"{arn}:{qualifier}"
    assert mapping.describe()["FunctionArn"] == f"{arn}:{qualifier}"


def test_a_stack_of_cloudformation_is_adopted(world: Harness) -> None:
    """With inline code, numbers as texts, and a mapping that refers to queue and function."""
    template = {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "inbox", "VisibilityTimeout": 60}},
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": "shop",
                    "Runtime": "python3.12",
                    "Handler": "index.handler",
                    "Timeout": "9",
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Environment": {"Variables": {"GREETING": "from the template"}},
                    "Code": {
                        "ZipFile": "import os\ndef handler(event, context):\n"
                        "    return os.environ['GREETING'], context.get_remaining_time_in_millis()\n"
                    },
                },
            },
            "Mapping": {
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": {
                    "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
                    "FunctionName": {"Ref": "Function"},
                    "BatchSize": 2,
                    "MaximumBatchingWindowInSeconds": "5",
                    "Enabled": "true",
                },
            },
        }
    }
    cloudformation = boto3.client("cloudformation", region_name="us-east-1")
    cloudformation.create_stack(StackName="shop", TemplateBody=json.dumps(template))
    (mapping,) = world.adopt()
    resource = cloudformation.describe_stack_resource(StackName="shop", LogicalResourceId="Mapping")
    assert mapping.uuid == resource["StackResourceDetail"]["PhysicalResourceId"]
    mapping.source.send("a", "b", "c")
    run = mapping.run_until_idle()
    assert [len(call.records) for call in run.invocations] == [2, 1]
    assert run.invocations[0].response == ["from the template", 9_000]
    assert mapping.describe()["MaximumBatchingWindowInSeconds"] == 5

    cloudformation.delete_stack(StackName="shop")
    world.run_until_idle()
    with pytest.raises(UsageError, match="was deleted"):
        mapping.run_until_idle()


def test_what_was_made_before_the_harness_began_is_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside the user's mock_aws; also one without Docker. It is there afterwards as it was."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws(config={"lambda": {"use_docker": False}}):
        deployed = Deployment()
        sqs = boto3.client("sqs", region_name="us-east-1")
        url = sqs.create_queue(QueueName="orders")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        deployed.function()
        uuid = deployed.client.create_event_source_mapping(EventSourceArn=arn, FunctionName="orders")["UUID"]
        with Harness() as aws:
            (mapping,) = aws.adopt()
            mapping.source.send("a")
            assert mapping.run_until_idle().invocations[0].response["names"] == ["hello a"]
        assert deployed.client.get_event_source_mapping(UUID=uuid)["State"] == "Enabled"


def test_sending_to_a_queue_that_moto_mapped_pushes_nothing(
    world: Harness, deployed: Deployment, queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Adopted or not: moto's own delivery, which wants Docker, never runs."""
    from moto.awslambda.models import LambdaBackend

    def pushed(*_args: Any, **_kwargs: Any) -> Any:
        raise AssertionError("moto pushed")

    monkeypatch.setattr(LambdaBackend, "send_sqs_batch", pushed)
    fifo = boto3.client("sqs").create_queue(QueueName="orders.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    deployed.function()
    deployed.mapping(queue)
    boto3.client("sqs").send_message(QueueUrl=queue.url, MessageBody="a")
    boto3.client("sqs").send_message(QueueUrl=fifo, MessageBody="a", MessageGroupId="g", MessageDeduplicationId="d")
    queue.send("b")
    world.run_until_idle()
    assert len(queue.messages) == 2


# -- keeping up with moto --------------------------------------------------------------------------------------------


def test_a_disabled_mapping_stays_so_until_boto3_enables_it(world: Harness, deployed: Deployment, queue: Any) -> None:
    """Enabled is read like the rest."""
    deployed.function()
    uuid = deployed.mapping(queue, Enabled=False)
    mapping = world.event_source_mapping(uuid, nothing)
    assert not mapping.enabled
    (record,) = queue.send("a")
    assert mapping.run_until_idle().pending == [record]
    deployed.client.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert mapping.run_until_idle().processed == [record]


def test_what_boto3_changes_is_seen_by_the_next_run(world: Harness, deployed: Deployment, queue: Any) -> None:
    """Of the mapping, and of the function."""
    deployed.function()
    uuid = deployed.mapping(queue)
    mapping = world.event_source_mapping(uuid, lambda _event, context: context.get_remaining_time_in_millis())
    deployed.client.update_event_source_mapping(UUID=uuid, BatchSize=2)
    deployed.client.update_function_configuration(FunctionName="orders", Timeout=11)
    queue.send("a", "b", "c")
    run = mapping.run_until_idle()
    assert [len(call.records) for call in run.invocations] == [2, 1]
    assert run.invocations[0].response == 11_000
    deployed.client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    queue.send("d")
    assert len(mapping.run_until_idle().dead_lettered) == 1
    deployed.client.delete_function_concurrency(FunctionName="orders")
    (last,) = queue.send("e")
    assert last in mapping.run_until_idle().processed


def test_new_code_and_a_new_environment_are_imported_anew(world: Harness, deployed: Deployment, queue: Any) -> None:
    """On AWS an update replaces the execution environments."""
    deployed.function(files={"app.py": "import os\nX = os.environ.get('GREETING')\ndef handler(e, c): return X"})
    deployed.mapping(queue)
    (mapping,) = world.adopt()
    queue.send("a")
    assert mapping.run_until_idle().invocations[-1].response is None
    deployed.client.update_function_configuration(FunctionName="orders", Environment={"Variables": {"GREETING": "hi"}})
    queue.send("b")
    assert mapping.run_until_idle().invocations[-1].response == "hi"
    code = zipped({"app.py": "def handler(e, c): return 2"})
    deployed.client.update_function_code(FunctionName="orders", ZipFile=code)
    queue.send("c")
    assert mapping.run_until_idle().invocations[-1].response == 2


def test_a_handler_that_disables_its_own_mapping_stops_it(world: Harness, deployed: Deployment, queue: Any) -> None:
    """A circuit breaker: seen at the next step, not only by the next run."""
    deployed.function()
    uuid = deployed.mapping(queue, BatchSize=1)

    def handler(_event: Any, _context: Any) -> None:
        deployed.client.update_event_source_mapping(UUID=uuid, Enabled=False)

    mapping = world.event_source_mapping(uuid, handler)
    queue.send("a", "b", "c")
    run = mapping.run_until_idle()
    assert len(run.processed) == 1
    assert len(run.pending) == 2


def test_a_mapping_that_boto3_deletes_is_gone(world: Harness, deployed: Deployment, queue: Any) -> None:
    """Its run so far stays readable."""
    deployed.function()
    uuid = deployed.mapping(queue)
    mapping = world.event_source_mapping(uuid, nothing)
    (done,) = queue.send("a")
    mapping.run_until_idle()
    deployed.client.delete_event_source_mapping(UUID=uuid)
    queue.send("b")
    assert len(world.run_until_idle().invocations) == 1
    assert mapping.view().processed == [done]
    with pytest.raises(UsageError, match="was deleted"):
        mapping.run_until_idle()
    uuid = deployed.mapping(queue)
    successor = world.event_source_mapping(uuid, nothing, duration=2)
    assert len(successor.run_until_idle().processed) == 2
    deployed.client.delete_event_source_mapping(UUID=uuid)
    deployed.mapping(queue)
    assert len(world.adopt({"orders": nothing})) == 1


def test_a_fifo_queue_is_adopted(world: Harness, deployed: Deployment) -> None:
    """Its groups stay in order."""
    fifo = world.sqs_queue("orders.fifo", ContentBasedDeduplication="true")
    deployed.function()
    mapping = world.event_source_mapping(deployed.mapping(fifo))
    fifo.send("a", "b", message_group_id="g")
    assert mapping.run_until_idle().invocations[0].response["names"] == ["hello a", "hello b"]


def test_what_is_changed_here_is_changed_in_moto(world: Harness, deployed: Deployment, queue: Any) -> None:
    """And a change of boto3's that nobody has seen yet is not lost by it."""
    deployed.function()
    uuid = deployed.mapping(queue)
    mapping = world.event_source_mapping(uuid, nothing)
    deployed.client.update_event_source_mapping(UUID=uuid, BatchSize=2)
    mapping.update(MaximumBatchingWindowInSeconds=4)
    theirs = deployed.client.get_event_source_mapping(UUID=uuid)
    assert (theirs["BatchSize"], theirs["MaximumBatchingWindowInSeconds"]) == (2, 4)
    world.run_until_idle()
    assert (mapping.config.batch_size, mapping.config.window_ms) == (2, 4_000)
    mapping.disable()
    assert deployed.client.get_event_source_mapping(UUID=uuid)["State"] == "Disabled"
    mapping.delete()
    assert find_mapping(uuid) is None
    assert world.adopt() == []


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"Code": {"ZipFile": b"some stub"}}, r"no zip file \(9 bytes\)"),
        ({"Handler": "elsewhere.handler"}, "Handler is 'elsewhere.handler', and its zip file holds app.py, data.txt"),
        ({"Handler": "app.nowhere"}, "has no 'nowhere'"),
        ({"Code": {"ZipFile": zipped({"app.py": "import nonexistent"})}}, "No module named 'nonexistent'"),
        ({"Code": {"ZipFile": zipped({"app.py": "async def handler(e, c): ..."})}}, "coroutine function"),
        ({"Runtime": "nodejs20.x"}, "Runtime is 'nodejs20.x'"),
    ],
)
def test_code_without_a_handler_says_what_to_do(
    world: Harness, deployed: Deployment, queue: Any, parameters: dict[str, Any], words: str
) -> None:
    """Which mapping, which function, why, and how to give the handler; nothing was adopted, and it can be."""
    other = world.sqs_queue("other")
    deployed.function("fine")
    deployed.mapping(other, "fine")
    deployed.function(**parameters)
    uuid = deployed.mapping(queue)
    with pytest.raises(HandlerNotUsable, match=words) as caught:
        world.adopt()
    assert f"event source mapping {uuid} (orders -> orders)" in str(caught.value)
    assert "adopt(handlers={'orders': handler})" in str(caught.value)
    assert len(world.adopt(handlers={"orders": nothing})) == 2
    queue.send("a")
    assert len(world.run_until_idle().invocations) == 1


def test_a_mapping_that_aws_would_refuse_is_refused_by_name(world: Harness, deployed: Deployment, queue: Any) -> None:
    """Moto takes a function that may run longer than its messages are hidden."""
    deployed.function(Timeout=60)
    uuid = deployed.mapping(queue)
    with pytest.raises(ClientError, match="Queue visibility timeout: 30 seconds is less than") as caught:
        world.adopt({"orders": nothing})
    assert f"this is about event source mapping {uuid}" in str(caught.value)


def test_a_change_that_aws_would_refuse_is_refused_by_the_run(world: Harness, deployed: Deployment, queue: Any) -> None:
    """Every time, until it is mended."""
    deployed.function()
    uuid = deployed.mapping(queue)
    mapping = world.event_source_mapping(uuid, nothing)
    deployed.client.update_event_source_mapping(UUID=uuid, BatchSize=100)
    for _ in range(2):
        with pytest.raises(ClientError, match="UpdateEventSourceMapping"):
            mapping.run_until_idle()
    deployed.client.update_event_source_mapping(UUID=uuid, MaximumBatchingWindowInSeconds=1)
    mapping.run_until_idle()
    assert mapping.config.batch_size == 100


def test_a_mapping_that_now_calls_another_function_is_another(world: Harness, deployed: Deployment, queue: Any) -> None:
    """The handler that was adopted is that of the first."""
    deployed.function()
    deployed.function("second")
    uuid = deployed.mapping(queue)
    mapping = world.event_source_mapping(uuid, nothing)
    deployed.client.update_event_source_mapping(UUID=uuid, FunctionName="second")
    with pytest.raises(UsageError, match="now calls 'second' instead of 'orders'"):
        mapping.run_until_idle()


def test_a_function_that_is_gone_is_said(world: Harness, deployed: Deployment, queue: Any) -> None:
    """On AWS the mapping stays and fails."""
    deployed.function()
    uuid = deployed.mapping(queue)
    deployed.client.delete_function(FunctionName="orders")
    with pytest.raises(UsageError, match=r"its function .*:orders does not exist"):
        world.event_source_mapping(uuid, nothing)


def test_calls_that_cannot_mean_anything(world: Harness, deployed: Deployment, queue: Any) -> None:
    """A UUID that is not there, twice the same, parameters of somebody else's, a misspelt function, no handler."""
    deployed.function()
    uuid = deployed.mapping(queue)
    with pytest.raises(ClientError, match="ResourceNotFoundException") as caught:
        world.event_source_mapping("00000000-0000-4000-8000-000000000000", nothing)
    assert uuid in str(caught.value)
    with pytest.raises(UsageError, match="leave out function, BatchSize"):
        world.event_source_mapping(uuid, nothing, function={"Timeout": 3}, BatchSize=1)
    with pytest.raises(UsageError, match=r"handlers\['order'\]: .* are: orders"):
        world.adopt({"order": nothing})
    with pytest.raises(UsageError, match="second argument is the handler"):
        world.event_source_mapping(queue)
    world.event_source_mapping(uuid.upper(), nothing)
    with pytest.raises(UsageError, match="adopted already"):
        world.event_source_mapping(uuid, nothing)


def test_a_mapping_of_a_stream_is_adopted(world: Harness, deployed: Deployment) -> None:
    """What boto3 puts into the stream reaches the handler; a stream that was made before is the same one."""
    kinesis = boto3.client("kinesis", region_name="us-east-1")
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    arn = kinesis.describe_stream(StreamName="clicks")["StreamDescription"]["StreamARN"]
    deployed.function()
    made = deployed.client.create_event_source_mapping(
        EventSourceArn=arn, FunctionName="orders", StartingPosition="TRIM_HORIZON"
    )
    seen: list[Any] = []
    (mapping,) = world.adopt({"orders": lambda event, _context: seen.append(event)})
    assert mapping.uuid == made["UUID"]
    kinesis.put_record(StreamName="clicks", Data=b"click", PartitionKey="a")
    run = mapping.run_until_idle()
    assert [record.data for record in run.processed] == [b"click"]
    assert seen[0]["Records"][0]["eventSourceARN"] == arn


def test_what_is_not_simulated_names_the_mapping(
    world: Harness, deployed: Deployment, queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a mapping says and we do not act on is never ignored; none of the others is adopted then."""
    deployed.function()
    deployed.mapping(world.sqs_queue("other"))
    uuid = deployed.mapping(queue)
    make = world._world.map

    def refuse_orders(source: Any, *args: Any, **kwargs: Any) -> Any:
        if source.name == "orders":
            raise NotSimulated("FilterCriteria is not simulated yet")
        return make(source, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(world._world, "map", refuse_orders)
        with pytest.raises(NotSimulated, match=rf"event source mapping {uuid} \(orders -> orders\): FilterCriteria"):
            world.adopt({"orders": nothing})
    assert world._world.mappings == []
    assert len(world.adopt({"orders": nothing})) == 2


# -- reading ---------------------------------------------------------------------------------------------------------


def test_mappings_are_found_by_account_and_region(world: Harness, deployed: Deployment, queue: Any) -> None:
    """Or everywhere; a world in which nobody made one has none."""
    assert find_mappings() == []
    deployed.function()
    uuid = deployed.mapping(queue, FunctionResponseTypes=["ReportBatchItemFailures"])
    (found,) = find_mappings("123456789012", "us-east-1")
    assert (found.uuid, found.enabled, found.service) == (uuid, True, "sqs")
    assert found.parameters == {"BatchSize": 10, "Enabled": True, "FunctionResponseTypes": ["ReportBatchItemFailures"]}
    assert found.function is not None
    assert (found.function.handler, found.function.code) == ("app.handler", zipped(FILES))
    assert find_mappings(region="eu-west-1") == []
    assert find_mappings() == [found] == [find_mapping(uuid)]
