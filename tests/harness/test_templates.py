"""`event_source_mapping.from_template`: what a template declares is created and runs, with the handler it names."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import types
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pytest_lambda_events.errors import HandlerNotUsable, TemplateError, TemplateWarning
from pytest_lambda_events.harness import Harness

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parents[1] / "data" / "templates"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write files beside each other; the path of the first."""

    def write_all(**files: str) -> Path:
        paths = []
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
            paths.append(path)
        return paths[0]

    return write_all


def fine(event: Any, context: Any) -> Any:
    """A handler that has nothing against anything."""
    return {"batchItemFailures": []}


def poison(event: Any, context: Any) -> Any:
    """A handler that fails."""
    raise ValueError("poison")


# -- sources -----------------------------------------------------------------------------------------------------------


def test_a_queue_with_its_dead_letter_queue(aws: Harness) -> None:
    """Attributes, the function's configuration, and what the environment names."""
    mapping = aws.event_source_mapping.from_template(
        DATA / "sam" / "sqs.yaml", "OrdersFunction", event="Orders", handlers={"OrdersFunction": fine}
    )
    queue = mapping.source
    assert (queue.name, queue.dlq.name) == ("orders", "orders-dead-letters")
    wanted = {"VisibilityTimeout": "70", "MessageRetentionPeriod": "86400", "DelaySeconds": "5"}
    assert {name: queue.attributes[name] for name in wanted} == wanted
    assert queue.dlq.attributes["MessageRetentionPeriod"] == "1209600"
    config = mapping.function.config
    assert (config.name, config.timeout_ms, config.memory_mb) == ("OrdersFunction", 10_000, 256)
    assert config.reserved_concurrency == 20
    assert config.environment == {"LOG_LEVEL": "INFO", "QUEUE_URL": queue.url}
    described = mapping.describe()
    assert (described["BatchSize"], described["MaximumBatchingWindowInSeconds"]) == (50, 10)
    assert described["ScalingConfig"] == {"MaximumConcurrency": 10}

    paid, open_ = queue.send({"status": "paid"}, {"status": "open"})
    run = mapping.run_until_idle()
    assert run.processed == [paid]
    assert run.filtered == [open_]
    assert run.attempts(paid) == [10]  # the delay of 5 s lies within the window that began with the mapping


def test_the_declared_number_of_receives_ends_in_the_declared_queue(aws: Harness) -> None:
    """Poison goes where it will go."""
    mapping = aws.event_source_mapping.from_template(
        DATA / "cloudformation" / "sqs.yaml", "payments", handlers={"Function": poison}
    )
    (record,) = mapping.source.send("x")
    run = mapping.run_until_idle()
    assert run.dead_lettered == [record]
    assert len(run.attempts(record)) == 6
    assert mapping.source.dlq.records == [record]


def test_a_fifo_queue_behind_an_alias(aws: Harness) -> None:
    """The event's name chooses; the mapping calls the alias."""
    path = DATA / "sam" / "sqs_fifo.yaml"
    mapping = aws.event_source_mapping.from_template(
        path, "LedgerFunction", event="Entries", handlers={"LedgerFunction": fine}
    )
    assert mapping.source.is_fifo
    assert mapping.source.name == "LedgerQueue.fifo"
    assert mapping.function.config.invoked_arn.endswith(":function:LedgerFunction:live")
    sent = mapping.source.send("a", "b", message_group_id="g")
    assert mapping.run_until_idle().processed == sent
    disabled = aws.event_source_mapping.from_template(
        path, "LedgerFunction", event="Corrections", handlers={"LedgerFunction": fine}
    )
    assert not disabled.enabled
    with pytest.raises(TemplateError, match="say which with event=: Entries, Corrections"):
        aws.event_source_mapping.from_template(path, "LedgerFunction")


def test_a_stream_with_a_topic_for_what_fails(aws: Harness) -> None:
    """Shards, retention, parameters of the template, and the destination are there."""
    sqs = aws.sqs_queue("listening")
    mapping = aws.event_source_mapping.from_template(
        DATA / "sam" / "kinesis.yaml", "CountFunction", handlers={"CountFunction": poison}, parameters={"Stage": "dev"}
    )
    topic = "arn:aws:sns:us-east-1:123456789012:dev-failed-clicks"
    boto3.client("sns", region_name="us-east-1").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=sqs.arn)
    assert mapping.source.name == "dev-clicks"
    assert len(mapping.source.shards) == 2
    (record,) = mapping.source.send("x", partition_key="k")
    run = mapping.run_until_idle()
    assert run.destination(record) == topic
    assert len(run.attempts(record)) == 4
    assert sqs.messages


def test_a_consumer_with_enhanced_fan_out(aws: Harness) -> None:
    """Registered once, however many mappings read with it; a bucket takes what fails."""
    path = DATA / "cloudformation" / "kinesis_consumer.yaml"
    mapping = aws.event_source_mapping.from_template(path, "averages", handlers={"averages": poison})
    assert "/consumer/averages" in mapping.describe()["EventSourceArn"]
    (record,) = aws.kinesis_stream("arn:aws:kinesis:us-east-1:123456789012:stream/readings").send(
        "x", partition_key="k"
    )
    assert mapping.run_until_idle().destination(record) == "arn:aws:s3:::readings-failed"
    mapping.delete()
    again = aws.event_source_mapping.from_template(path, "averages", handlers={"averages": fine})
    assert again.describe()["EventSourceArn"] == mapping.describe()["EventSourceArn"]


def test_a_table_with_its_stream(aws: Harness) -> None:
    """Keys, view, time to live; and the other table that the environment names."""
    mapping = aws.event_source_mapping.from_template(
        DATA / "sam" / "dynamodb.yaml", "ProjectFunction", handlers={"ProjectFunction": fine}
    )
    orders = mapping.source
    (insert,) = orders.put({"customer": "a", "number": 1, "total": 5})
    run = mapping.run_until_idle()
    assert run.processed == [insert]
    assert insert.old_image is None
    client = boto3.client("dynamodb", region_name="us-east-1")
    assert client.describe_table(TableName="orders")["Table"]["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert client.describe_table(TableName="totals")["Table"]["KeySchema"] == [
        {"AttributeName": "customer", "KeyType": "HASH"}
    ]
    assert client.describe_time_to_live(TableName="orders")["TimeToLiveDescription"]["AttributeName"] == "expires"
    assert mapping.function.config.environment == {"TOTALS": "totals"}


def test_a_table_with_an_index_and_throughput(aws: Harness) -> None:
    """As CreateTable takes them."""
    path = DATA / "cloudformation" / "dynamodb.yaml"
    mapping = aws.event_source_mapping.from_template(path, "accounts", event="Audit", handlers={"accounts": fine})
    table = boto3.client("dynamodb", region_name="us-east-1").describe_table(TableName="accounts")["Table"]
    assert table["GlobalSecondaryIndexes"][0]["IndexName"] == "by-owner"
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    sent = mapping.source.put({"id": "a"})
    assert mapping.run_until_idle().processed == sent


@pytest.mark.parametrize(
    ("file", "function", "topic"),
    [("sam/msk.yaml", "InventoryFunction", "stock"), ("sam/kafka.yaml", "ShipFunction", "shipments")],
)
def test_a_topic(aws: Harness, file: str, function: str, topic: str) -> None:
    """Of MSK, and of a cluster of one's own: made here, or before by the test, with partitions."""
    made = None
    if topic == "shipments":
        made = aws.kafka_topic(topic, partitions=3, bootstrap_servers="kafka1.example.com:9092,kafka2.example.com:9092")
    mapping = aws.event_source_mapping.from_template(DATA / file, function, handlers={function: fine})
    assert mapping.source.name == topic
    assert made is None or mapping.source is made
    if topic == "stock":
        mapping.update(Enabled=True)
        assert mapping.config.destination == "kafka://stock-failed"
        sent = mapping.source.send("x") if mapping.config.starting_position == "TRIM_HORIZON" else []
    else:
        sent = mapping.source.send({"weight": 5})
    assert mapping.run_until_idle().processed == sent


def test_a_topic_of_a_cluster_of_ones_own_is_made(aws: Harness) -> None:
    """On the servers of the template."""
    path = DATA / "sam" / "kafka.yaml"
    mapping = aws.event_source_mapping.from_template(path, "ShipFunction", handlers={"ShipFunction": fine})
    assert set(mapping.source.bootstrap_servers) == {"kafka1.example.com:9092", "kafka2.example.com:9092"}


def test_a_topic_for_what_fails_is_made_on_the_same_cluster(aws: Harness) -> None:
    """`kafka://stock-failed` of the template."""
    path = DATA / "sam" / "msk.yaml"
    mapping = aws.event_source_mapping.from_template(path, "InventoryFunction", handlers={"InventoryFunction": poison})
    mapping.run_for(1)
    (record,) = mapping.source.send("x")
    run = mapping.run_until_idle()
    assert run.destination(record) == "kafka://stock-failed"
    assert len(mapping.source.sibling("stock-failed").records) == 1


ARNS = {
    "BrokerArn": "arn:aws:mq:us-east-1:123456789012:broker:invoices:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34",
    "SecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:invoices-AbCdEf",
}


def test_a_queue_of_activemq(aws: Harness) -> None:
    """Made on the broker of the template's ARN."""
    mapping = aws.event_source_mapping.from_template(
        DATA / "sam" / "activemq.yaml", "InvoiceFunction", handlers={"InvoiceFunction": fine}, parameters=ARNS
    )
    assert mapping.source.name == "invoices"
    assert mapping.describe()["EventSourceArn"] == ARNS["BrokerArn"]
    sent = mapping.source.send("x")
    assert mapping.run_until_idle().processed == sent


def test_a_queue_of_rabbitmq(aws: Harness) -> None:
    """Under its virtual host; the broker's engine says which it is, too, and what the test made is taken."""
    mapping = aws.event_source_mapping.from_template(
        DATA / "sam" / "rabbitmq.yaml", "NotifyFunction", handlers={"NotifyFunction": fine}
    )
    assert (mapping.source.name, mapping.source.vhost) == ("notices", "/shop")
    mail, other = mapping.source.send({"kind": "mail"}, {"kind": "post"})
    run = mapping.run_until_idle()
    assert (run.processed, run.filtered) == ([mail], [other])
    path = DATA / "cloudformation" / "mq.yaml"
    parcels = aws.event_source_mapping.from_template(
        path, "letters", event="Parcels", handlers={"letters": fine}, parameters={"Password": "p"}
    )
    assert (parcels.source.kind, parcels.source.vhost) == ("rabbitmq", "/")
    parcels.delete()
    again = aws.event_source_mapping.from_template(path, "letters", event="Parcels", handlers={"letters": fine})
    assert again.source is parcels.source


def test_a_collection_and_a_database(aws: Harness) -> None:
    """With the name that the mapping has."""
    mapping = aws.event_source_mapping.from_template(
        DATA / "sam" / "documentdb.yaml", "IndexFunction", handlers={"IndexFunction": fine}
    )
    sent = mapping.source.insert({"name": "tea"})
    assert mapping.run_until_idle().processed == sent
    cluster = {"ClusterArn": "arn:aws:rds:us-east-1:123456789012:cluster:search"}
    whole = aws.event_source_mapping.from_template(
        DATA / "cloudformation" / "documentdb.json", "search", handlers={"search": fine}, parameters=cluster
    )
    assert whole.describe()["DocumentDBEventSourceConfig"]["DatabaseName"] == "shop"


def test_what_a_source_in_memory_lacks_is_refused_in_awss_words(aws: Harness, write: Callable[..., Path]) -> None:
    """A mapping of DocumentDB without a database."""
    path = write(
        t_dot_yaml="""
        Resources:
          Function: {Type: AWS::Lambda::Function}
          Mapping:
            Type: AWS::Lambda::EventSourceMapping
            Properties:
              FunctionName: !Ref Function
              EventSourceArn: arn:aws:rds:us-east-1:123456789012:cluster:search
              SourceAccessConfigurations:
                - {Type: BASIC_AUTH, URI: "arn:aws:secretsmanager:us-east-1:123456789012:secret:search-AbCdEf"}
        """
    )
    with pytest.raises(ClientError, match="Invalid parameters: documentDBEventSourceConfig, databaseName"):
        aws.event_source_mapping.from_template(path, "Function", handlers={"Function": fine})


def test_an_environment_may_name_anything(aws: Harness, write: Callable[..., Path]) -> None:
    """What can be made is made; a cluster and a secret have nothing to be made of."""
    path = write(
        t_dot_yaml="""
        Resources:
          Queue: {Type: AWS::SQS::Queue}
          Cluster: {Type: AWS::MSK::Cluster, Properties: {ClusterName: shop}}
          Secret: {Type: AWS::SecretsManager::Secret}
          Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: pictures}}
          Elsewhere:
            Type: AWS::SNS::Subscription
            Properties:
              Protocol: sqs
              Endpoint: !GetAtt Queue.Arn
              TopicArn: arn:aws:sns:us-east-1:123456789012:of-another-stack
          Function:
            Type: AWS::Lambda::Function
            Properties:
              Environment:
                Variables: {CLUSTER: !Ref Cluster, SECRET: !Ref Secret, BUCKET: !Ref Bucket}
          Mapping:
            Type: AWS::Lambda::EventSourceMapping
            Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn}
        """
    )
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="pictures")
    mapping = aws.event_source_mapping.from_template(path, "Function", handlers={"Function": fine})
    variables = mapping.function.config.environment
    assert variables["CLUSTER"].startswith("arn:aws:kafka:")
    assert variables["BUCKET"] == "pictures"


def test_what_moto_refuses_is_not_taken_for_missing(aws: Harness, write: Callable[..., Path]) -> None:
    """A bucket's name that AWS does not allow."""
    path = write(
        t_dot_yaml="""
        Resources:
          Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: a}}
          Function: {Type: AWS::Lambda::Function}
          Mapping:
            Type: AWS::Lambda::EventSourceMapping
            Properties:
              FunctionName: !Ref Function
              EventSourceArn: arn:aws:kinesis:us-east-1:123456789012:stream/s
              StartingPosition: LATEST
              DestinationConfig: {OnFailure: {Destination: !GetAtt Bucket.Arn}}
        """
    )
    with pytest.raises(ClientError, match="InvalidBucketName"):
        aws.event_source_mapping.from_template(path, "Function", handlers={"Function": fine})


def test_topics_reach_a_queue_as_the_template_subscribes_it(aws: Harness) -> None:
    """SNS to SQS to Lambda: publish, and the function runs; the filter policy holds."""
    path = DATA / "sam" / "topic_through_queue.yaml"
    mapping = aws.event_source_mapping.from_template(
        path, "ReportFunction", event="Sales", handlers={"ReportFunction": fine}
    )
    sns = boto3.client("sns", region_name="us-east-1")
    topic = "arn:aws:sns:us-east-1:123456789012:sales"
    for country in ("FR", "DE"):
        attribute = {"country": {"DataType": "String", "StringValue": country}}
        sns.publish(TopicArn=topic, Message=country, MessageAttributes=attribute)
    (record,) = mapping.run_until_idle().processed
    assert record.json()["Message"] == "FR"


def test_a_raw_subscription(aws: Harness, write: Callable[..., Path]) -> None:
    """RawMessageDelivery, and a subscription that stands in the topic."""
    path = write(
        t_dot_yaml="""
        Resources:
          Queue: {Type: AWS::SQS::Queue}
          Topic: {Type: AWS::SNS::Topic}
          Other: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt Queue.Arn}]}}
          Mail:
            Type: AWS::SNS::Subscription
            Properties: {TopicArn: !Ref Topic, Protocol: email, Endpoint: a@example.com}
          Subscription:
            Type: AWS::SNS::Subscription
            Properties:
              TopicArn: !Ref Topic
              Protocol: sqs
              Endpoint: !GetAtt Queue.Arn
              RawMessageDelivery: true
              FilterPolicyScope: MessageBody
              FilterPolicy: {kind: [a]}
          Function: {Type: AWS::Lambda::Function}
          Mapping:
            Type: AWS::Lambda::EventSourceMapping
            Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn}
        """
    )
    mapping = aws.event_source_mapping.from_template(path, "Function", handlers={"Function": fine})
    sns = boto3.client("sns", region_name="us-east-1")
    for kind in ("a", "b"):
        sns.publish(TopicArn="arn:aws:sns:us-east-1:123456789012:Topic", Message=json.dumps({"kind": kind}))
    sns.publish(TopicArn="arn:aws:sns:us-east-1:123456789012:Other", Message="other")
    first, second = mapping.run_until_idle().processed
    assert first.json() == {"kind": "a"}
    assert second.json()["Message"] == "other"


def test_a_mapping_of_a_queue_that_the_test_made(aws: Harness) -> None:
    """An ARN that the template gets from elsewhere is looked up; what is there under a declared name is taken."""
    returns = Path(DATA / "serverless" / "queues" / "serverless.yml")
    with pytest.raises(ClientError, match="NonExistentQueue"):
        aws.event_source_mapping.from_template(
            returns, "take-orders", event="sqs:returns", handlers={"take-orders": fine}
        )
    queue = aws.sqs_queue("orders", VisibilityTimeout=99)
    mapping = aws.event_source_mapping.from_template(
        DATA / "sam" / "sqs.yaml", "OrdersFunction", handlers={"OrdersFunction": fine}
    )
    assert mapping.source.arn == queue.arn
    assert mapping.source.attributes["VisibilityTimeout"] == "99"


def test_a_state_of_another_account_runs_here(aws: Harness) -> None:
    """Names stay, ARNs and URLs are those of moto, in the environment, too."""
    mapping = aws.event_source_mapping.from_template(
        DATA / "terraform" / "state.json",
        "mail",
        event="aws_lambda_event_source_mapping.letters",
        handlers={"mail": fine},
    )
    queue = mapping.source
    assert queue.arn == "arn:aws:sqs:us-east-1:123456789012:letters.fifo"
    assert queue.dlq.arn == "arn:aws:sqs:us-east-1:123456789012:dead.fifo"
    assert mapping.function.config.environment == {"DEAD": queue.dlq.url}
    assert mapping.function.config.qualifier == "live"


def test_the_same_template_twice(aws: Harness) -> None:
    """Two mappings of one function share what is there, and its code."""
    path = DATA / "cloudformation" / "dynamodb.yaml"
    first = aws.event_source_mapping.from_template(path, "accounts", event="Changes", handlers={"accounts": fine})
    first.delete()
    second = aws.event_source_mapping.from_template(path, "accounts", event="Audit", handlers={"accounts": fine})
    assert first.source.arn == second.source.arn


def test_another_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness's, for whatever the template makes; also for buckets."""
    with Harness(region="eu-west-1") as aws:
        mapping = aws.event_source_mapping.from_template(
            DATA / "cloudformation" / "kinesis_consumer.yaml", "averages", handlers={"averages": fine}
        )
        assert ":eu-west-1:" in mapping.describe()["EventSourceArn"]
        again = aws.event_source_mapping.from_template
        mapping.delete()
        assert again(DATA / "cloudformation" / "kinesis_consumer.yaml", "averages", handlers={"averages": fine})


# -- what is open, and what is not known -------------------------------------------------------------------------------


def test_what_is_open_is_asked_for(aws: Harness) -> None:
    """By name; the role may stay open."""
    path = DATA / "terraform" / "plan.json"
    mapping = "module.worker.aws_lambda_event_source_mapping.this"
    with pytest.raises(TemplateError) as asked:
        aws.event_source_mapping.from_template(path, "count", event=mapping, handlers={"count": fine})
    assert asked.value.missing == ("aws_lambda_function.count.environment.variables.TABLE",)
    aws.sqs_queue("shared-dead-letters")
    made = aws.event_source_mapping.from_template(
        path, "count", event=mapping, handlers={"count": fine}, parameters={asked.value.missing[0]: "accounts"}
    )
    assert made.function.config.environment == {"STAGE": "test", "TABLE": "accounts"}


def test_unknown_properties_warn_where_they_concern_the_mapping(aws: Harness, write: Callable[..., Path]) -> None:
    """And nowhere else."""
    path = write(
        t_dot_yaml="""
        Resources:
          Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimout: 5}}
          Unused: {Type: AWS::SQS::Queue, Properties: {Nothing: 5}}
          Function: {Type: AWS::Lambda::Function}
          Mapping:
            Type: AWS::Lambda::EventSourceMapping
            Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn}
        """
    )
    with pytest.warns(TemplateWarning) as warned:
        aws.event_source_mapping.from_template(path, "Function", handlers={"Function": fine})
    (warning,) = warned
    assert "VisibilityTimout (did you mean 'VisibilityTimeout'?)" in str(warning.message)
    assert warning.filename == __file__


def test_what_aws_refuses_is_refused_in_its_words(aws: Harness, write: Callable[..., Path]) -> None:
    """As for a mapping that is written in a test."""
    path = write(
        t_dot_yaml="""
        Resources:
          Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 5}}
          Function: {Type: AWS::Lambda::Function, Properties: {Timeout: 10}}
          Mapping:
            Type: AWS::Lambda::EventSourceMapping
            Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn}
        """
    )
    with pytest.raises(ClientError, match="Queue visibility timeout: 5 seconds is less than Function timeout: 10"):
        aws.event_source_mapping.from_template(path, "Function", handlers={"Function": fine})


# -- the function's code -----------------------------------------------------------------------------------------------

SERVED = """
    Resources:
      Queue: {Type: AWS::SQS::Queue}
      Function:
        Type: AWS::Lambda::Function
        Properties: {Handler: HANDLER, Runtime: python3.12, Code: CODE, Environment: {Variables: {GREETING: hello}}}
      Mapping:
        Type: AWS::Lambda::EventSourceMapping
        Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn}
"""
APP = """
    import os

    from helping import said

    GREETING = os.environ["GREETING"]


    def handler(event, context):
        said.append((GREETING, os.environ["GREETING"], event["Records"][0]["body"]))
"""


def test_code_beside_the_template(aws: Harness, write: Callable[..., Path], tmp_path: Path) -> None:
    """Imported in the function's environment; its modules and its path are gone when it does not run."""
    path = write(
        t_dot_yaml=SERVED.replace("HANDLER", "app.handler").replace("CODE", "./src"),
        src__app_dot_py=APP,
        src__helping_dot_py="said = []\n",
    )
    before, paths = set(sys.modules), list(sys.path)
    mapping = aws.event_source_mapping.from_template(path, "Function")
    mapping.source.send("x")
    assert len(mapping.run_until_idle().processed) == 1
    assert {"app", "helping"} & (set(sys.modules) - before) == set()
    assert sys.path == paths
    assert mapping.function.handler.__closure__ is not None
    assert "GREETING" not in os.environ


def test_a_module_that_the_test_can_import_is_that_module(
    aws: Harness, write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that `mock.patch` reaches it."""
    path = write(
        t_dot_yaml=SERVED.replace("HANDLER", "importable_app.handler").replace("CODE", "./src"),
        src__importable_app_dot_py="""
        def handler(event, context):
            return answer()


        def answer():
            return None
        """,
    )
    monkeypatch.syspath_prepend(tmp_path / "src")
    mapping = aws.event_source_mapping.from_template(path, "Function")
    import importable_app  # type: ignore[import-not-found]

    monkeypatch.setattr(importable_app, "answer", lambda: {"batchItemFailures": [{"itemIdentifier": "x"}]})
    assert mapping.function.handler is importable_app.handler
    del sys.modules["importable_app"]


def test_a_module_of_which_nobody_knows_where_it_is_from(
    aws: Harness, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is not the template's."""
    monkeypatch.setitem(sys.modules, "odd", types.ModuleType("odd"))
    path = write(
        t_dot_yaml=SERVED.replace("HANDLER", "odd.handler").replace("CODE", "./src"),
        src__odd_dot_py="def handler(event, context): ...",
    )
    mapping = aws.event_source_mapping.from_template(path, "Function")
    sent = mapping.source.send("x")
    assert mapping.run_until_idle().processed == sent


def test_code_in_the_template(aws: Harness) -> None:
    """`ZipFile`, as index.py."""
    mapping = aws.event_source_mapping.from_template(DATA / "cloudformation" / "sqs.yaml", "payments")
    sent = mapping.source.send("x")
    assert mapping.run_until_idle().processed == sent


def test_code_that_cdk_put_beside_its_template(aws: Harness) -> None:
    """An asset; the function by its path in CDK's tree."""
    mapping = aws.event_source_mapping.from_template(DATA / "cdk" / "OrdersStack.template.json", "Handler")
    sent = mapping.source.send({"kind": "order"})
    assert mapping.run_until_idle().processed == sent


def test_an_asset_is_found_by_its_hash(aws: Harness, write: Callable[..., Path]) -> None:
    """Also where CDK wrote no metadata."""
    name = "0123456789abcdef" * 4
    path = write(
        t_dot_yaml=SERVED.replace("HANDLER", "app.handler").replace("CODE", f"{{S3Bucket: b, S3Key: {name}.zip}}"),
        **{f"asset_dot_{name}__app_dot_py": "def handler(event, context): ..."},
    )
    mapping = aws.event_source_mapping.from_template(path, "Function")
    sent = mapping.source.send("x")
    assert mapping.run_until_idle().processed == sent


def test_code_in_a_zip_file(aws: Harness, write: Callable[..., Path], tmp_path: Path) -> None:
    """As Terraform has it, once for two mappings."""
    path = write(
        main_dot_tf_dot_json=json.dumps(
            {
                "resource": {
                    "aws_sqs_queue": {"a": {}, "b": {}},
                    "aws_lambda_function": {
                        "f": {"function_name": "f", "handler": "zipped.handler", "filename": "f.zip"}
                    },
                    "aws_lambda_event_source_mapping": {
                        name: {"function_name": "f", "event_source_arn": f"${{aws_sqs_queue.{name}.arn}}"}
                        for name in "ab"
                    },
                }
            }
        )
    )
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr("zipped.py", "def handler(event, context):\n    return None\n")
    first = aws.event_source_mapping.from_template(path, "f", event="a")
    second = aws.event_source_mapping.from_template(path, "f", event="b")
    assert first.function.handler is second.function.handler
    sent = second.source.send("x")
    assert second.run_until_idle().processed == sent


NO_CODE: list[tuple[str, str]] = [
    (SERVED.replace("HANDLER", "app.handler").replace("CODE", "./nowhere"), "its code is not at"),
    (
        SERVED.replace("HANDLER", "app.handler").replace("CODE", "{S3Bucket: b, S3Key: k}"),
        "nowhere beside the template",
    ),
    (
        SERVED.replace("Handler: HANDLER, ", "").replace("CODE", "{ImageUri: x}"),
        "no Handler for it (a container image?)",
    ),
    (SERVED.replace("python3.12", "nodejs20.x").replace("HANDLER", "a.b").replace("CODE", "."), "only Python runs"),
    (
        SERVED.replace("HANDLER", "missing.handler").replace("CODE", "."),
        "Handler is 'missing.handler', and its directory",
    ),
    (SERVED.replace("HANDLER", "handler").replace("CODE", "."), "its directory holds"),
    (SERVED.replace("HANDLER", "index.nothing").replace("CODE", "{ZipFile: 'x = 1'}"), "has no 'nothing'"),
]


@pytest.mark.parametrize(("text", "words"), NO_CODE)
def test_code_that_gives_no_handler(aws: Harness, write: Callable[..., Path], text: str, words: str) -> None:
    """With the function's place, and what to give instead."""
    path = write(t_dot_yaml=text)
    with pytest.raises(
        HandlerNotUsable, match=r"the code of Function \(.*t\.yaml:\d+: Resources\.Function\)"
    ) as refused:
        aws.event_source_mapping.from_template(path, "Function")
    assert words in str(refused.value)
    assert "handlers={'Function': handler}" in str(refused.value)


def test_handlers_are_those_of_the_template(aws: Harness) -> None:
    """A name that it does not have is refused; a text is imported."""
    path = DATA / "cloudformation" / "sqs.yaml"
    with pytest.raises(TemplateError, match="declares no function 'paymentss'"):
        aws.event_source_mapping.from_template(path, "payments", handlers={"paymentss": fine})
    mapping = aws.event_source_mapping.from_template(path, "payments", handlers={"payments": "json.dumps"})
    assert mapping.function.handler is json.dumps


def test_it_is_for_an_active_harness() -> None:
    """As every call."""
    from pytest_lambda_events.errors import UsageError

    harness = Harness()
    with pytest.raises(UsageError, match="not active"):
        harness.event_source_mapping.from_template(DATA / "sam" / "sqs.yaml", "OrdersFunction")
