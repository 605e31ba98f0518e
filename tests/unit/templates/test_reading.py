"""What is asked of a template, how it is told apart, and what it is refused for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates import limits, read_template
from pytest_lambda_events.templates.declared import (
    DeclaredBroker,
    DeclaredQueue,
    DeclaredStream,
    DeclaredTable,
    Unresolved,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lambda_events.templates.declared import Template

    Read = Callable[..., Template]

TWO = """
    Resources:
      Queue: {Type: AWS::SQS::Queue}
      Orders: {Type: AWS::Lambda::Function, Properties: {FunctionName: take-orders}}
      Other: {Type: AWS::Lambda::Function}
      First:
        Type: AWS::Lambda::EventSourceMapping
        Properties: {FunctionName: !Ref Orders, EventSourceArn: !GetAtt Queue.Arn}
      Second:
        Type: AWS::Lambda::EventSourceMapping
        Properties: {FunctionName: take-orders, EventSourceArn: "arn:aws:sqs:us-east-1:123456789012:x"}
      Third:
        Type: AWS::Lambda::EventSourceMapping
        Properties: {FunctionName: "arn:aws:lambda:us-east-1:123456789012:function:elsewhere:live"}
"""


def test_functions_and_mappings_are_found_by_id_or_name(read: Read) -> None:
    """And those of a function that is declared elsewhere keep its name."""
    template = read("t.yaml", TWO)
    assert template.function("Orders") is template.function("take-orders")
    assert template.mapping("Orders", "First").id == "First"
    assert [one.id for one in template.mappings_of("Orders")] == ["First", "Second"]
    assert (template.mappings[2].function, template.mappings[2].qualifier) == ("elsewhere", "live")


ERRORS: list[tuple[Callable[[Template], object], str]] = [
    (
        lambda one: one.function("Order"),
        "t.yaml declares no function 'Order' (did you mean 'Orders'?); it has Orders, Other",
    ),
    (
        lambda one: one.mapping("Orders"),
        "function Orders has 2 event source mappings; say which with event=: First, Second",
    ),
    (lambda one: one.mapping("Other"), "function Other has 0 event source mappings; its other events are no mappings"),
    (
        lambda one: one.mapping("Orders", "Frist"),
        "function Orders has no event source mapping 'Frist' (did you mean 'First'?); it has First, Second",
    ),
    (lambda one: one.mapping("Other", "x"), "function Other has no event source mapping 'x'; it has none"),
]


@pytest.mark.parametrize(("ask", "words"), ERRORS)
def test_errors_list_what_there_is(read: Read, ask: Callable[[Template], object], words: str) -> None:
    """So that the next try is the last."""
    template = read("t.yaml", TWO)
    with pytest.raises(TemplateError) as refused:
        ask(template)
    assert words in str(refused.value)


def test_a_word_for_several_functions_is_refused(read: Read) -> None:
    """Two modules of Terraform may call a function the same."""
    functions = [
        {"address": f"module.{name}.aws_lambda_function.this", "type": "aws_lambda_function", "name": "this"}
        for name in ("a", "b")
    ]
    import json

    module = {"resources": [{**one, "values": {"function_name": one["address"][7]}} for one in functions]}
    template = read("s.json", json.dumps({"terraform_version": "1", "values": {"root_module": module}}))
    with pytest.raises(TemplateError, match=r"'this' may be any of module\.a\.\S+, module\.b\."):
        template.function("this")


NO_TEMPLATES: list[tuple[str, str, str]] = [
    ("x.yaml", "a: 1", "is no template that is known here"),
    ("x.yaml", "- a", "a template is a mapping"),
    ("x.yaml", "Resources: [a]", "is no template"),
    ("main.tf", "resource {}", "is Terraform's own language"),
    ("x.json", '{"lineage": "a", "resources": []}', "is Terraform's own state"),
    ("x.json", "{", "this is not JSON"),
    ("x.yaml", "Resources: {A: 1}", "a resource is a mapping with a Type"),
    ("x.yaml", "Resources: {A: {Type: T, Properties: 1}}", "a mapping should stand here, not 1"),
    ("x.yaml", "Resources: {'Fn::ForEach::A': []}", "loops are not unrolled"),
    (
        "x.yaml",
        "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Events: {E: 1}}}}",
        "an event is a mapping",
    ),
    ("x.yaml", "Resources: {A: {Type: 'AWS::SQS::Queue', Condition: C}}", "there is no condition 'C'"),
    (
        "x.yaml",
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !GetAtt A.QueueName}}}",
        "goes round in a circle",
    ),
    (
        "x.yaml",
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {VisibilityTimeout: long}}}",
        "VisibilityTimeout: a whole number should stand here, not 'long'",
    ),
    (
        "x.yaml",
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {FifoQueue: perhaps}}}",
        "true or false should stand here",
    ),
    (
        "x.yaml",
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {RedrivePolicy: 'x'}}}",
        "a policy, as a mapping or as JSON of one, should stand here, not 'x'",
    ),
    (
        "x.yaml",
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {Tags: [x]}}}",
        "a list of tags, each with Key and Value",
    ),
    (
        "x.yaml",
        "Resources: {M: {Type: 'AWS::Lambda::EventSourceMapping', Properties: {Topics: x}}}",
        "a list should stand here",
    ),
    (
        "x.yaml",
        "Resources: {M: {Type: 'AWS::Lambda::EventSourceMapping', Properties: {FilterCriteria: x}}}",
        "a mapping should stand here",
    ),
    (
        "x.yaml",
        "Resources: {M: {Type: 'AWS::Lambda::EventSourceMapping', Properties: {StartingPositionTimestamp: [1]}}}",
        "seconds since 1970",
    ),
    (
        "x.yaml",
        "Resources: {M: {Type: 'AWS::Lambda::EventSourceMapping', Properties: {StartingPosition: [1]}}}",
        "a text should stand here",
    ),
    (
        "x.yaml",
        "Resources: {B: {Type: 'AWS::AmazonMQ::Broker', Properties: {BrokerName: 'a b'}}}",
        "is no name of a broker",
    ),
    (
        "x.yaml",
        (
            "Resources:\n  C: {Type: 'AWS::Kinesis::StreamConsumer', Properties: {StreamARN: x}}\n"
            "  S: {Type: 'AWS::Kinesis::Stream', Properties: {Name: !Ref C}}"
        ),
        "a consumer belongs to a stream's ARN",
    ),
    (
        "x.yaml",
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {RedriveAllowPolicy: [1]}}}",
        "a policy, as a mapping or as JSON of one, should stand here, not [1]",
    ),
    (
        "x.yaml",
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !GetAtt B.Arn}}}",
        "there is no resource 'B'",
    ),
    ("x.yaml", "service: s\nprovider: {name: aws}\nfunctions: {f: 1}", "a function is a mapping"),
    ("x.yaml", "service: s\nprovider: {name: aws}\nfunctions: 1", "a mapping should stand here"),
    ("x.tf.json", '{"resource": {"aws_sqs_queue": {"q": 1}}}', "a resource is a mapping"),
    (
        "x.tf.json",
        '{"resource": {"aws_sqs_queue": {"q": {"redrive_policy": "x"}}}}',
        "a policy, as a mapping or as JSON of one, should stand here",
    ),
    ("x.tf.json", '{"resource": {"aws_mq_broker": {"b": {"broker_name": "a b"}}}}', "is no name of a broker"),
    ("x.tf.json", '{"resource": {"aws_sqs_queue": {"q": {"name": "${var.x}"}}}}', "there is no variable 'x'"),
    (
        "x.tf.json",
        '{"locals": {"a": "${local.a}"}, "resource": {"aws_sqs_queue": {"q": {"name": "${local.a}"}}}}',
        "goes round in a circle",
    ),
]


@pytest.mark.parametrize(("name", "text", "words"), NO_TEMPLATES)
def test_what_is_no_template(read: Read, name: str, text: str, words: str) -> None:
    """With what to do, or where it stands."""
    with pytest.raises(TemplateError) as refused:
        read(name, text)
    assert words in str(refused.value)
    assert name in str(refused.value)


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, too large, or no text."""
    with pytest.raises(TemplateError, match="cannot be read: No such file"):
        read_template(tmp_path / "missing.yaml")
    (tmp_path / "bad.yaml").write_bytes(b"a: \xff")
    with pytest.raises(TemplateError, match="is not UTF-8: byte 3 is 0xff"):
        read_template(tmp_path / "bad.yaml")
    monkeypatch.setattr("pytest_lambda_events.templates.parsing.MOST_BYTES", 2)
    with pytest.raises(TemplateError, match="is larger than 0 MB"):
        read_template(tmp_path / "bad.yaml")
    assert limits.MOST_BYTES > 1_000_000


def test_a_path_that_cannot_be() -> None:
    """A scenario may name any."""
    with pytest.raises(TemplateError, match="cannot be read: embedded null"):
        read_template("a\0b.json")


def test_parameters_that_are_misspelt_are_refused(read: Read) -> None:
    """Those that have a name of their own; a Ref, an attribute or an import may be given, too."""
    text = "Parameters: {Stage: {Type: String}}\nResources: {Q: {Type: AWS::SQS::Queue}}"
    with pytest.raises(TemplateError, match=r"has no parameter 'Stagee' \(did you mean 'Stage'\?\)"):
        read("t.yaml", text, Stagee="x")
    assert read("t.yaml", text, **{"Q.Arn": "x", "Fn::ImportValue:y": "z"}).resources[0].arn.endswith(":Q")
    with pytest.raises(TemplateError, match=r"has no variable 'stagee' \(did you mean 'stage'\?\)"):
        read("t.tf.json", '{"variable": {"stage": {}}, "resource": {}}', stagee="x")


def test_region_and_account_are_where_it_would_be_deployed(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's, or what is given as a pseudo parameter."""
    text = "Resources: {Q: {Type: AWS::SQS::Queue}}"
    assert read("t.yaml", text).resources[0].arn == "arn:aws:sqs:us-east-1:123456789012:Q"
    given = {"AWS::Region": "cn-north-1", "AWS::AccountId": 111122223333}
    queue = read("t.yaml", text, **given).resources[0]
    assert isinstance(queue, DeclaredQueue)
    assert queue.arn == "arn:aws-cn:sqs:cn-north-1:111122223333:Q"
    assert queue.url == "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/Q"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert read("t.yaml", text).resources[0].arn == "arn:aws:sqs:eu-west-1:123456789012:Q"


def test_what_is_open_stays_open_until_it_is_asked_for(read: Read) -> None:
    """A name, an attribute, a condition: each is `Unresolved` where it stands."""
    template = read(
        "t.yaml",
        """
        Parameters: {Stage: {Type: String}, Wanted: {Type: String}}
        Conditions: {IsOn: !Equals [!Ref Wanted, "yes"]}
        Resources:
          Queue:
            Type: AWS::SQS::Queue
            Properties: {QueueName: !Sub "${Stage}-orders", VisibilityTimeout: !Ref Stage}
          Stream: {Type: AWS::Kinesis::Stream, Properties: {Name: !Ref Stage}}
          Consumer:
            Type: AWS::Kinesis::StreamConsumer
            Properties: {ConsumerName: c, StreamARN: !GetAtt Stream.Arn}
          Function: {Type: AWS::Lambda::Function, Properties: {FunctionName: !Ref Stage}}
          Alias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Function, Name: live}}
          Mapping:
            Type: AWS::Lambda::EventSourceMapping
            Condition: IsOn
            Properties: {FunctionName: !Ref Alias, EventSourceArn: !Ref Consumer, Tags: !Ref Stage}
        """,
    )
    (mapping,) = template.mappings
    assert isinstance(mapping.condition, Unresolved)
    assert mapping.condition.names == ("Wanted",)
    assert all(isinstance(mapping.parameters[name], Unresolved) for name in ("EventSourceArn", "FunctionName", "Tags"))
    queue = template.by_id("Queue")
    assert isinstance(queue, DeclaredQueue)
    assert isinstance(queue.name, Unresolved)
    assert isinstance(queue.attributes["VisibilityTimeout"], Unresolved)
    assert queue.redrive == {}


def test_names_that_aws_makes_up(read: Read) -> None:
    """Are the id in the template, or made of it; attributes lead to them."""
    template = read(
        "t.yaml",
        """
        Resources:
          Fifo:
            Type: AWS::SQS::Queue
            Properties:
              FifoQueue: true
              RedrivePolicy: '{"maxReceiveCount": "3", "deadLetterTargetArn": "a"}'
          Topic:
            Type: AWS::SNS::Topic
            Properties:
              FifoTopic: "true"
              Subscription: [{Protocol: sqs, Endpoint: !GetAtt Fifo.Arn}]
          Cluster: {Type: AWS::MSK::Cluster, Properties: {ClusterName: shop}}
          Key: {Type: AWS::KMS::Key}
          Group: {Type: AWS::EC2::SecurityGroup}
          Subnet: {Type: AWS::EC2::Subnet}
          Function:
            Type: AWS::Lambda::Function
            Properties:
              Environment:
                Variables:
                  NUMBER: 5
                  FLAG: true
                  FIFO: !GetAtt Fifo.QueueName
                  TOPIC: !GetAtt Topic.TopicName
                  KEY: !GetAtt Key.Arn
                  GROUP: !GetAtt Group.GroupId
                  SUBNET: !Ref Subnet
                  ALL: !Join ["", [!Ref Topic, !Sub "${Cluster.Arn}"]]
          Version: {Type: AWS::Lambda::Version, Properties: {FunctionName: !GetAtt Function.Arn}}
          Mapping:
            Type: AWS::Lambda::EventSourceMapping
            Properties: {FunctionName: !Ref Version, EventSourceArn: !GetAtt Cluster.Arn}
        """,
    )
    (function,) = template.functions
    variables = function.parameters["Environment"]["Variables"]
    assert (variables["NUMBER"], variables["FLAG"]) == ("5", "true")
    assert (variables["FIFO"], variables["TOPIC"]) == ("Fifo.fifo", "Topic.fifo")
    assert variables["GROUP"].startswith("sg-")
    assert variables["SUBNET"].startswith("subnet-")
    assert variables["KEY"].startswith("arn:aws:kms:us-east-1:123456789012:key/")
    assert function.uses == ("Fifo", "Topic", "Key", "Group", "Subnet", "Cluster")
    (mapping,) = template.mappings
    assert (mapping.function, mapping.qualifier) == ("Function", "1")
    broker = template.resource(mapping.parameters["EventSourceArn"])
    assert isinstance(broker, DeclaredBroker)
    assert (broker.kind, broker.id) == ("msk", "Cluster")
    queue = template.by_id("Fifo")
    assert isinstance(queue, DeclaredQueue)
    assert queue.redrive["maxReceiveCount"] == 3
    assert template.subscriptions[0]["Endpoint"] == queue.arn


NOTES: list[tuple[str, str, list[tuple[str, str]]]] = [
    (
        "t.yaml",
        """
        Resources:
          Q: {Type: AWS::SQS::Queue, Properties: {VisibilityTimout: 5}}
          M:
            Type: AWS::Lambda::EventSourceMapping
            Properties:
              BatchSze: 5
              ScalingConfig: {MaximumConcurency: 5}
        """,
        [
            ("t.yaml:7: Resources.M.Properties.BatchSze", "BatchSze (did you mean 'BatchSize'?); it is left out"),
            ("t.yaml:8: Resources.M.Properties.ScalingConfig", "did you mean 'MaximumConcurrency'?"),
            ("t.yaml:3: Resources.Q.Properties.VisibilityTimout", "AWS::SQS::Queue has no property VisibilityTimout"),
        ],
    ),
    (
        "sam.yaml",
        """
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              Events:
                E: {Type: SQS, Properties: {Queue: a, Streem: b}}
              TimeOut: 5
              Memory: 5
        """,
        [
            ("sam.yaml:8: Resources.F.Properties.TimeOut", "did you mean 'Timeout'?"),
            ("sam.yaml:9: Resources.F.Properties.Memory", "AWS::Serverless::Function has no property Memory"),
            ("sam.yaml:7: Resources.F.Properties.Events.E.Properties.Streem", "type SQS has no property Streem"),
        ],
    ),
    (
        "serverless.yml",
        """
        service: s
        provider: {name: aws}
        functions: {f: {handler: f.f, memorysize: 5, warmup: true, events: [{sqs: {arn: "a:b", batchSiz: 1}}]}}
        """,
        [
            ("serverless.yml:4: functions.f.memorysize", "did you mean 'memorySize'?"),
            ("serverless.yml:4: functions.f.events[0].sqs.batchSiz", "did you mean 'batchSize'?"),
        ],
    ),
    (
        "main.tf.json",
        '{"module": {"m": {}}, "resource": {"aws_sqs_queue": {"q": {"visibility_timeout": 5}, "r": {"count": 2}}}}',
        [
            ("main.tf.json:1: module", "modules are not read from configuration"),
            (
                "main.tf.json:1: resource.aws_sqs_queue.r.count",
                "count is not unrolled here, so aws_sqs_queue.r is left",
            ),
            (
                "main.tf.json:1: resource.aws_sqs_queue.q.visibility_timeout",
                "did you mean 'visibility_timeout_seconds'?",
            ),
        ],
    ),
]


TF_NOTES = {
    "aws_lambda_function": ("time_out", "timeout"),
    "aws_kinesis_stream": ("shard_coun", "shard_count"),
    "aws_dynamodb_table": ("stream_enable", "stream_enabled"),
    "aws_lambda_event_source_mapping": ("batchsize", "batch_size"),
}


@pytest.mark.parametrize("kind", TF_NOTES)
def test_every_resource_of_terraform_is_looked_at(read: Read, kind: str) -> None:
    """What there is instead is guessed."""
    wrong, right = TF_NOTES[kind]
    (note,) = read("t.tf.json", f'{{"resource": {{"{kind}": {{"x": {{"{wrong}": 1}}}}}}}}').notes
    assert f"{kind} has no property {wrong} (did you mean '{right}'?)" in note.message


@pytest.mark.parametrize(("name", "text", "expected"), NOTES)
def test_what_is_not_known_is_noted_with_its_place(
    read: Read, name: str, text: str, expected: list[tuple[str, str]]
) -> None:
    """In every language; a near name is guessed at."""
    notes = read(name, text).notes
    assert [str(note.place) for note in notes] == [place for place, _ in expected]
    assert [words for note, (_, words) in zip(notes, expected, strict=True) if words not in str(note)] == []


def test_globals_are_merged_as_sam_merges_them(read: Read) -> None:
    """Mappings key by key, lists one after the other, anything else is the function's own."""
    template = read(
        "t.yaml",
        """
        Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
        Globals:
          Function:
            Timeout: 5
            MemorySize: 256
            Environment: {Variables: {A: global, B: global}}
            EventInvokeConfig: {MaximumRetryAttempts: 1}
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties: {Timeout: 9, Environment: {Variables: {B: own, C: own}}, InlineCode: "def f(): ..."}
          G:
            Type: AWS::Serverless::Function
            Properties: {MemorySize: !If [Never, 1, 2], EventInvokeConfig: {MaximumRetryAttempts: 0}}
        Conditions: {Never: !Equals [1, 2]}
        """,
    )
    first, second = template.functions
    assert first.parameters["Timeout"] == 9
    assert first.parameters["Environment"] == {"Variables": {"A": "global", "B": "own", "C": "own"}}
    assert first.event_invoke == {"MaximumRetryAttempts": 1}
    assert first.code.text == "def f(): ..."
    assert str(first.places["MemorySize"]) == "t.yaml:6: Globals.Function.MemorySize"
    assert (second.parameters["Timeout"], second.parameters["MemorySize"]) == (5, 2)
    assert second.event_invoke == {"MaximumRetryAttempts": 0}


def test_what_a_framework_makes_may_be_named(read: Read) -> None:
    """SAM's API is none of the template's resources: a URL with it is open. In plain CloudFormation it is a typo."""
    text = """
        Resources:
          F:
            Type: {}
            Properties:
              Environment: {{Variables: {{URL: !Sub "https://${{ServerlessRestApi}}", ROLE: !GetAtt FRole.Arn}}}}
    """
    (function,) = read("t.yaml", text.format("AWS::Serverless::Function")).functions
    variables = function.parameters["Environment"]["Variables"]
    assert (variables["URL"].names, variables["ROLE"].names) == (("ServerlessRestApi",), ("FRole.Arn",))
    with pytest.raises(TemplateError, match="there is no parameter or resource 'ServerlessRestApi'"):
        read("t.yaml", text.format("AWS::Lambda::Function"))


def test_what_sam_calls_aliases_and_versions(read: Read) -> None:
    """`F.Alias` is the alias that AutoPublishAlias makes, `F.Version` a version."""
    text = """
        Resources:
          F: {Type: AWS::Serverless::Function, Properties: {AutoPublishAlias: live, Policies: []}}
          G:
            Type: AWS::Serverless::Function
            Properties:
              Environment:
                Variables:
                  ALIAS: !Ref F.Alias
                  VERSION: !Ref F.Version
                  NONE: !Ref G.Alias
                  ARN: !GetAtt FAliaslive.AliasArn
    """
    variables = read("t.yaml", text).functions[1].parameters["Environment"]["Variables"]
    arn = "arn:aws:lambda:us-east-1:123456789012:function:F"
    assert {name: variables[name] for name in ("ALIAS", "VERSION", "ARN")} == {
        "ALIAS": f"{arn}:live",
        "VERSION": f"{arn}:1",
        "ARN": f"{arn}:live",
    }
    assert variables["NONE"].names == ("G.Alias",)


def test_optional_properties(read: Read) -> None:
    """FIFO that is false, numbers with a point, lists in Globals, indexes with more than the API takes."""
    template = read(
        "t.yaml",
        """
        Transform: AWS::Serverless-2016-10-31
        Globals: {Function: {Layers: [a]}, SimpleTable: {SSESpecification: {SSEEnabled: true}}}
        Resources:
          Q:
            Type: AWS::SQS::Queue
            Properties: {FifoQueue: false, DelaySeconds: 5.0, VisibilityTimeout: !Ref AWS::NoValue}
          S: {Type: AWS::Serverless::SimpleTable}
          A: {Type: AWS::Serverless::Api}
          F: {Type: AWS::Serverless::Function, Properties: {Layers: [b], CodeUri: {Bucket: b, Key: k}}}
          T:
            Type: AWS::DynamoDB::Table
            Properties:
              GlobalSecondaryIndexes:
                - {IndexName: i, KeySchema: [], ContributorInsightsSpecification: {Enabled: true}, WarmThroughput: {}}
          M:
            Type: AWS::Lambda::EventSourceMapping
            Properties: {FunctionName: F, SelfManagedEventSource: {}, Topics: [t]}
        """,
    )
    queue, simple, table = template.resources
    assert isinstance(queue, DeclaredQueue)
    assert dict(queue.attributes) == {"DelaySeconds": 5}
    assert isinstance(simple, DeclaredTable)
    assert simple.attributes["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert isinstance(table, DeclaredTable)
    assert set(table.attributes["GlobalSecondaryIndexes"][0]) == {"IndexName", "KeySchema", "WarmThroughput"}
    assert template.functions[0].code.path is None
    assert template.mappings[0].parameters["SelfManagedEventSource"] == {}


def test_an_alias_that_is_open_leaves_the_function_open(read: Read) -> None:
    """SAM may take it from a parameter."""
    template = read(
        "t.yaml",
        """
        Parameters: {Live: {Type: String}}
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              AutoPublishAlias: !Ref Live
              Events: {E: {Type: SQS, Properties: {Queue: "arn:aws:sqs:us-east-1:123456789012:q"}}}
        """,
    )
    found: Any = template.mappings[0].parameters["FunctionName"]
    assert isinstance(found, Unresolved)
    assert found.names == ("Live",)


def test_a_stream_knows_its_consumers_and_a_table_its_stream(read: Read) -> None:
    """`resource` finds both by the ARN that a mapping has."""
    template = read(
        "t.yaml",
        """
        Resources:
          S: {Type: AWS::Kinesis::Stream}
          C: {Type: AWS::Kinesis::StreamConsumer, Properties: {ConsumerName: fast, StreamARN: !GetAtt S.Arn}}
          T: {Type: AWS::DynamoDB::GlobalTable, Properties: {StreamSpecification: {StreamViewType: KEYS_ONLY}}}
        """,
    )
    stream, table = template.by_id("S"), template.by_id("T")
    assert isinstance(stream, DeclaredStream)
    assert isinstance(table, DeclaredTable)
    assert template.resource(stream.consumers["fast"]) is stream
    assert template.resource(table.stream_arn) is template.resource(table.arn) is table
    assert template.resource("arn:aws:sqs:us-east-1:123456789012:x") is None


# -- hostile references ------------------------------------------------------------------------------------------------

LEVELS = 20


def chain(first: str, each: str) -> str:
    """Lines that each name the one before twice: `<n>` is the number of a line, `<m>` that of the one before."""
    lines = [each.replace("<n>", str(number)).replace("<m>", str(number - 1)) for number in range(1, LEVELS)]
    return "\n".join([first, *lines])


SERVICE = "service: s\nprovider: {name: aws}\ncustom:\n"
HOSTILE: list[tuple[str, str, str]] = [
    (
        "conditions.yaml",
        "Conditions:\n"
        + chain("  C0: !Equals [1, 1]", "  C<n>: !And [!Condition C<m>, !Condition C<m>]")
        + f"\nResources:\n  Q: {{Type: AWS::SQS::Queue, Condition: C{LEVELS - 1}}}",
        "",
    ),
    (
        "names.yaml",
        "Resources:\n"
        + chain(
            "  Q0: {Type: AWS::SQS::Queue}",
            '  Q<n>: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "${Q<m>.QueueName}${Q<m>.QueueName}"}}',
        ),
        r"steps|characters",
    ),
    (
        "texts.yml",
        SERVICE + chain("  c0: xx", "  c<n>: ${self:custom.c<m>}${self:custom.c<m>}"),
        r"steps|characters",
    ),
    (
        "lists.yml",
        SERVICE + chain("  c0: xx", "  c<n>: ['${self:custom.c<m>}', '${self:custom.c<m>}']"),
        r"steps|characters",
    ),
]


@pytest.mark.parametrize(("name", "text", "words"), HOSTILE)
def test_references_that_double_are_refused_before_they_grow(
    read: Read, monkeypatch: pytest.MonkeyPatch, name: str, text: str, words: str
) -> None:
    """Or cost nothing, because each is resolved once."""
    monkeypatch.setattr(limits, "_MOST_STEPS", 20_000)
    monkeypatch.setattr(limits, "LONGEST_TEXT", 20_000)
    if not words:
        assert len(read(name, text).resources) == 1
        return
    with pytest.raises(TemplateError, match=words):
        read(name, text)


def test_locals_of_terraform_that_double(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same there."""
    monkeypatch.setattr(limits, "LONGEST_TEXT", 20_000)
    monkeypatch.setattr(limits, "_MOST_STEPS", 20_000)
    names = {f"l{number}": f"${{local.l{number - 1}}}${{local.l{number - 1}}}" for number in range(1, LEVELS)}
    import json

    text = json.dumps(
        {"locals": {"l0": "xx", **names}, "resource": {"aws_sqs_queue": {"q": {"name": f"${{local.l{LEVELS - 1}}}"}}}}
    )
    with pytest.raises(TemplateError, match=r"steps|characters"):
        read("t.tf.json", text)


def test_references_that_lead_too_deep_are_refused(read: Read) -> None:
    """Before Python gives up."""
    lines = [
        f"  Q{n}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: !GetAtt Q{n + 1}.QueueName}}}}" for n in range(900)
    ]
    text = "\n".join(["Resources:", *lines, "  Q900: {Type: AWS::SQS::Queue}"])
    with pytest.raises(TemplateError, match="its references lead too deep"):
        read("t.yaml", text)
    expression = "${" + "!" * 100_000 + "true}"
    with pytest.raises(TemplateError, match="its references lead too deep"):
        read("t.tf.json", f'{{"resource": {{"aws_sqs_queue": {{"q": {{"name": "{expression}"}}}}}}}}')
