"""Terraform: what a plan leaves open until it is applied, modules, and what is read back from AWS."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.declared import DeclaredQueue, DeclaredTable, DeclaredTopic, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.templates.declared import Template

    Read = Callable[..., Template]


def plan(
    values: dict[str, dict[str, Any]],
    unknown: dict[str, dict[str, Any]],
    expressions: dict[str, dict[str, Any]] | None = None,
    data: list[dict[str, Any]] | None = None,
) -> str:
    """A plan of resources by address, in the root module."""

    def parts(address: str) -> dict[str, Any]:
        kind, name = address.split("[", maxsplit=1)[0].split(".")
        return {"address": address, "type": kind, "name": name, "mode": "managed"}

    resources = [{**parts(address), "values": one} for address, one in values.items()]
    changes = [
        {"address": address, "change": {"actions": ["create"], "after_unknown": one}}
        for address, one in unknown.items()
    ]
    written = [{**parts(address), "expressions": one} for address, one in (expressions or {}).items()]
    return json.dumps(
        {
            "planned_values": {"root_module": {"resources": resources}},
            "resource_changes": changes,
            "configuration": {"root_module": {"resources": written}},
            "prior_state": {"values": {"root_module": {"resources": data or []}}},
        }
    )


QUEUE = "aws_sqs_queue.orders"
MAPPING = "aws_lambda_event_source_mapping.orders"


def test_what_no_reference_tells_is_asked_for_by_address(read: Read) -> None:
    """A policy that is put together is unknown as a whole; it can be given as JSON or as a mapping."""
    text = plan(
        {QUEUE: {"name": "orders"}},
        {QUEUE: {"arn": True, "redrive_policy": True}},
        {QUEUE: {"redrive_policy": {"references": ["aws_sqs_queue.dead.arn", "aws_sqs_queue.dead"]}}},
    )
    queue = read("plan.json", text).resources[0]
    assert isinstance(queue, DeclaredQueue)
    found = queue.attributes["RedrivePolicy"]
    assert isinstance(found, Unresolved)
    assert found.names == ("aws_sqs_queue.orders.redrive_policy",)
    policy = {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 5}
    for given in (policy, json.dumps(policy)):
        queue = read("plan.json", text, **{"aws_sqs_queue.orders.redrive_policy": given}).resources[0]
        assert isinstance(queue, DeclaredQueue)
        assert queue.redrive == policy


REFERENCES: list[tuple[list[str], Any]] = [
    (["aws_sqs_queue.orders.arn", "aws_sqs_queue.orders"], "arn:aws:sqs:us-east-1:123456789012:orders"),
    (["data.aws_sqs_queue.there.arn", "data.aws_sqs_queue.there"], "arn:there"),
    (["var.arn"], "arn:given"),
    (["aws_sqs_queue.orders.arn", "aws_sqs_queue.other.arn"], None),
    (["aws_sqs_queue.nowhere.arn", "aws_sqs_queue.nowhere"], None),
    (["data.aws_sqs_queue.nowhere.arn"], None),
    (["aws_sqs_queue.orders.nothing"], None),
    (["aws_thing.x.arn"], None),
    (["local.arn"], None),
    (["module.nowhere.arn"], None),
    ([], None),
]


@pytest.mark.parametrize(("references", "expected"), REFERENCES)
def test_a_reference_is_followed_if_it_is_the_only_one(read: Read, references: list[str], expected: Any) -> None:
    """To a resource, to data that was read, to a variable that is given."""
    there = {
        "address": "data.aws_sqs_queue.there",
        "type": "aws_sqs_queue",
        "name": "there",
        "mode": "data",
        "values": {"arn": "arn:there"},
    }
    text = plan(
        {QUEUE: {"name": "orders"}, MAPPING: {"function_name": "f"}, "aws_thing.x": {}},
        {MAPPING: {"event_source_arn": True}},
        {MAPPING: {"event_source_arn": {"references": references}}},
        [there],
    )
    found = read("plan.json", text, arn="arn:given").mappings[0].parameters["EventSourceArn"]
    if expected is None:
        assert isinstance(found, Unresolved)
        assert found.names == (f"{MAPPING}.event_source_arn",)
        asked = {f"{MAPPING}.event_source_arn": "arn:x"}
        assert read("plan.json", text, **asked).mappings[0].parameters["EventSourceArn"] == "arn:x"
    else:
        assert found == expected


def test_instances_meet_by_their_index(read: Read) -> None:
    """`for_each` on both sides."""
    queues = {f'aws_sqs_queue.each["{name}"]': {"name": name} for name in "ab"}
    mappings = {f'aws_lambda_event_source_mapping.each["{name}"]': {"function_name": "f"} for name in "abc"}
    text = plan(
        {**queues, **mappings},
        {address: {"event_source_arn": True} for address in mappings},
        {
            "aws_lambda_event_source_mapping.each": {
                "event_source_arn": {"references": ["aws_sqs_queue.each", "each.key"]}
            }
        },
    )
    text = text.replace(
        '["aws_sqs_queue.each", "each.key"]', '["aws_sqs_queue.each.arn", "aws_sqs_queue.each", "each.key"]'
    )
    first, second, third = read("plan.json", text).mappings
    assert first.parameters["EventSourceArn"].endswith(":a")
    assert second.parameters["EventSourceArn"].endswith(":b")
    assert isinstance(third.parameters["EventSourceArn"], Unresolved)


def test_an_alias_in_a_plan(read: Read) -> None:
    """Has an ARN when its function has a name."""
    alias = "aws_lambda_alias.live"
    values = {"aws_lambda_function.f": {"function_name": "shop"}, alias: {"name": "live"}, MAPPING: {}}
    unknown = {alias: {"function_name": True, "arn": True}, MAPPING: {"function_name": True}}
    expressions = {
        alias: {"function_name": {"references": ["aws_lambda_function.f.arn", "aws_lambda_function.f"]}},
        MAPPING: {"function_name": {"references": [f"{alias}.arn", alias]}},
    }
    (mapping,) = read("plan.json", plan(values, unknown, expressions)).mappings
    assert (mapping.function, mapping.qualifier) == ("aws_lambda_function.f", "live")
    expressions[alias] = {}
    (mapping,) = read("plan.json", plan(values, unknown, expressions)).mappings
    assert isinstance(mapping.parameters["FunctionName"], Unresolved)


def test_blocks_of_a_plan(read: Read) -> None:
    """Constants, members of maps, and blocks that are unknown as a whole."""
    function = "aws_lambda_function.f"
    text = plan(
        {
            function: {"function_name": "f", "environment": [{"variables": {"A": "a"}}]},
            MAPPING: {"function_name": "f", "destination_config": [{}], "batch_size": 5},
        },
        {
            function: {"environment": [{"variables": {"B": True}}], "role": True, "arn": True},
            MAPPING: {"destination_config": [True], "batch_size": False, "event_source_arn": True, "uuid": True},
        },
        {MAPPING: {"event_source_arn": {"constant_value": "arn:constant"}}},
    )
    template = read("plan.json", text, **{f"{function}.environment.variables.B": "b"})
    assert template.functions[0].parameters["Environment"] == {"Variables": {"A": "a", "B": "b"}}
    assert template.mappings[0].parameters["EventSourceArn"] == "arn:constant"
    assert template.mappings[0].parameters["BatchSize"] == 5


def test_a_reference_without_index_means_the_only_instance(read: Read) -> None:
    """`aws_sqs_queue.one` of a resource with `count = 1`."""
    text = plan(
        {"aws_sqs_queue.one[0]": {"name": "one"}, MAPPING: {}},
        {MAPPING: {"event_source_arn": True}},
        {MAPPING: {"event_source_arn": {"references": ["aws_sqs_queue.one.arn", "aws_sqs_queue.one"]}}},
    )
    assert read("plan.json", text).mappings[0].parameters["EventSourceArn"].endswith(":one")


def test_a_module_that_is_given_what_it_gives_is_refused(read: Read) -> None:
    """Terraform would refuse it, too."""
    address = f"module.m.{MAPPING}"
    kind, name = MAPPING.split(".")
    document = json.loads(plan({}, {address: {"event_source_arn": True}}))
    resource = {"address": address, "type": kind, "name": name, "values": {}}
    document["planned_values"]["root_module"]["child_modules"] = [{"resources": [resource]}]
    inner = {
        "outputs": {"y": {"expression": {"references": ["var.x"]}}},
        "resources": [{"type": kind, "name": name, "expressions": {"event_source_arn": {"references": ["var.x"]}}}],
    }
    document["configuration"]["root_module"]["module_calls"] = {
        "m": {"expressions": {"x": {"references": ["module.m.y"]}}, "module": inner}
    }
    with pytest.raises(TemplateError, match="goes round in a circle"):
        read("plan.json", json.dumps(document))


@pytest.mark.parametrize("key", ["a[b]", "a[b", "]", QUEUE, "module.m", '\\"'])
def test_an_index_may_hold_anything(read: Read, key: str) -> None:
    """Keys of for_each are any texts."""
    mapping = f'{MAPPING}["{key}"]'
    values: dict[str, dict[str, Any]] = {mapping: {}, f'{QUEUE}["{key}"]': {"name": "q"}, f'{QUEUE}["c"]': {}}
    expressions = {MAPPING: {"event_source_arn": {"references": [f"{QUEUE}.arn", QUEUE]}}}
    found = read("plan.json", plan(values, {mapping: {"event_source_arn": True}}, expressions))
    assert found.mappings[0].parameters["EventSourceArn"].endswith(":q")


def test_a_plan_whose_references_double_is_read_once_each(read: Read) -> None:
    """Forty functions, each with the one before as its role and its key, would be looked at 2^40 times."""
    functions = [f"aws_lambda_function.f{number}" for number in range(40)]
    both = ("role", "kms_key_arn")
    expressions = {
        one: {argument: {"references": [f"{before}.arn"]} for argument in both} for before, one in pairwise(functions)
    }
    unknown: dict[str, dict[str, Any]] = {one: dict.fromkeys(both, True) for one in functions}
    found = read("plan.json", plan({one: {} for one in functions}, unknown, expressions))
    assert found.function("f39").parameters["Role"] == "arn:aws:lambda:us-east-1:123456789012:function:f38"


def test_a_circle_in_a_plan_says_where(read: Read) -> None:
    """Terraform would not plan it, and a file may be anything."""
    pair = ("aws_lambda_function.a", "aws_lambda_function.b")
    unknown: dict[str, dict[str, Any]] = {one: {"function_name": True} for one in pair}
    expressions = {
        one: {"function_name": {"references": [f"{other}.arn"]}} for one, other in zip(pair, pair[::-1], strict=True)
    }
    with pytest.raises(TemplateError, match=r"^plan\.json:1: .*resources\[0\]: .*function\.b\.arn goes round"):
        read("plan.json", plan({one: {} for one in pair}, unknown, expressions))


def test_constants_and_variables_of_modules(read: Read) -> None:
    """What a call gives to its module, over two levels."""
    address = f"module.outer.module.inner.{MAPPING}"
    inner = {
        "address": address,
        "type": MAPPING.split(".", maxsplit=1)[0],
        "name": "orders",
        "mode": "managed",
        "values": {"topics": ["t"]},
    }
    document = {
        "planned_values": {
            "root_module": {"child_modules": [{"address": "module.outer", "child_modules": [{"resources": [inner]}]}]}
        },
        "resource_changes": [
            {
                "address": address,
                "change": {"actions": ["create"], "after_unknown": {"event_source_arn": True, "function_name": True}},
            }
        ],
        "configuration": {
            "root_module": {
                "module_calls": {
                    "outer": {
                        "expressions": {"name": {"constant_value": "shop"}},
                        "module": {
                            "module_calls": {
                                "inner": {
                                    "expressions": {
                                        "function": {"references": ["var.name"]},
                                        "arn": {"constant_value": "arn:x"},
                                    },
                                    "module": {
                                        "resources": [
                                            {
                                                "type": MAPPING.split(".", maxsplit=1)[0],
                                                "name": "orders",
                                                "expressions": {
                                                    "event_source_arn": {"references": ["var.arn"]},
                                                    "function_name": {"references": ["var.function"]},
                                                },
                                            }
                                        ]
                                    },
                                }
                            }
                        },
                    }
                }
            }
        },
    }
    (mapping,) = read("plan.json", json.dumps(document)).mappings
    assert mapping.parameters["EventSourceArn"] == "arn:x"
    assert mapping.function == "shop"


def configuration(**resources: Any) -> str:
    """A .tf.json of resources by type and name, joined by two underscores."""
    found: dict[str, dict[str, Any]] = {}
    for key, body in resources.items():
        kind, name = key.split("__")
        found.setdefault(kind, {})[name] = body
    return json.dumps({"resource": found})


def test_what_a_table_declares(read: Read) -> None:
    """Indexes, throughput, no stream, a time to live that is off."""
    text = configuration(
        aws_dynamodb_table__t={
            "name": "t",
            "hash_key": "a",
            "range_key": "b",
            "read_capacity": 5,
            "write_capacity": 6,
            "attribute": [{"name": one, "type": "S"} for one in "abc"],
            "ttl": {"attribute_name": "x", "enabled": False},
            "local_secondary_index": {"name": "l", "range_key": "c", "projection_type": "ALL"},
            "global_secondary_index": [
                {
                    "name": "g",
                    "hash_key": "c",
                    "projection_type": "INCLUDE",
                    "non_key_attributes": ["b"],
                    "read_capacity": 1,
                    "write_capacity": 1,
                }
            ],
        }
    )
    table = read("t.tf.json", text).resources[0]
    assert isinstance(table, DeclaredTable)
    assert table.ttl is None
    assert table.attributes["StreamViewType"] is None
    assert table.attributes["ProvisionedThroughput"] == {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
    assert table.attributes["LocalSecondaryIndexes"] == [
        {
            "IndexName": "l",
            "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ]
    assert table.attributes["GlobalSecondaryIndexes"] == [
        {
            "IndexName": "g",
            "KeySchema": [{"AttributeName": "c", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["b"]},
            "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        }
    ]


def test_names_consumers_topics_and_subscriptions(read: Read) -> None:
    """Prefixes, FIFO, and what subscribes to what."""
    text = configuration(
        aws_sqs_queue__q={"name_prefix": "orders-", "fifo_queue": True},
        aws_sns_topic__t={"fifo_topic": True, "content_based_deduplication": True},
        aws_sns_topic_subscription__s={
            "topic_arn": "${aws_sns_topic.t.arn}",
            "protocol": "sqs",
            "endpoint": "${aws_sqs_queue.q.arn}",
            "raw_message_delivery": True,
            "filter_policy": '{"a": ["b"]}',
        },
        aws_kinesis_stream__k={"stream_mode_details": {"stream_mode": "ON_DEMAND"}, "shard_count": 0},
        aws_kinesis_stream_consumer__c={"name": "fast", "stream_arn": "${aws_kinesis_stream.k.arn}"},
        aws_mq_broker__b={"broker_name": "b", "engine_type": "RabbitMQ"},
        aws_docdb_cluster__d={"cluster_identifier": "d"},
        random_pet__p={"length": 2},
    )
    template = read("t.tf.json", text)
    queue, topic, stream, broker, cluster = template.resources
    assert queue.name == "orders-q.fifo"
    assert isinstance(topic, DeclaredTopic)
    assert dict(topic.attributes) == {"ContentBasedDeduplication": True, "FifoTopic": True}
    assert topic.name == "t.fifo"
    assert template.subscriptions == (
        {
            "TopicArn": topic.arn,
            "Protocol": "sqs",
            "Endpoint": queue.arn,
            "RawMessageDelivery": True,
            "FilterPolicy": {"a": ["b"]},
        },
    )
    assert dict(getattr(stream, "attributes", {})) == {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
    assert list(getattr(stream, "consumers", {})) == ["fast"]
    assert (getattr(broker, "kind", ""), getattr(cluster, "kind", "")) == ("rabbitmq", "documentdb")


def test_what_configuration_leaves_open(read: Read) -> None:
    """Names of resources and what follows from them; attributes of data and of other types; values of variables."""
    text = json.dumps(
        {
            "variable": [{"open": {"type": "string"}}],
            "provider": {"aws": [{"alias": "x", "region": "a"}, {"region": "${var.open}"}]},
            "locals": [{"m": {"a": {"b": "deep"}}, "o": "${var.open}"}],
            "resource": {
                "aws_sqs_queue": {"q": {"name": "${var.open}"}},
                "aws_kinesis_stream_consumer": {"c": {"name": "c", "stream_arn": "${var.open}"}},
                "aws_lambda_alias": {"l": {"name": "l", "function_name": "${var.open}"}},
                "aws_lambda_event_source_mapping": {
                    "m": {
                        "event_source_arn": "${aws_sqs_queue.q.arn}",
                        "function_name": "${aws_lambda_alias.l.arn}",
                        "topics": ["${local.m.a.b}", "${local.m.a.c}", "${local.o.x}", "${local.none}"],
                        "queues": ["${data.aws_region.current.nothing}", "${aws_sqs_queue.q}", "${aws_x.y.z}"],
                        "kms_key_arn": "${aws_kinesis_stream_consumer.c.arn}",
                        "tags": {"a": "${aws_sqs_queue.q.name}"},
                        "starting_position_timestamp": "tomorrow",
                    }
                },
            },
        }
    )
    found = read("t.tf.json", text).mappings[0].parameters
    names = {name: value.names for name, value in found.items() if isinstance(value, Unresolved)}
    assert names == {"EventSourceArn": ("open",), "FunctionName": ("open",), "KMSKeyArn": ("open",)}
    topics = found["Topics"]
    assert topics[0] == "deep"
    assert [one.names for one in topics[1:]] == [("local.m.a.c",), ("open",), ("local.none",)]
    assert [one.names[0] for one in found["Queues"]] == [
        "data.aws_region.current.nothing",
        "aws_sqs_queue.q",
        "aws_x.y.z",
    ]
    assert found["Tags"]["a"].names == ("open",)
    assert found["StartingPositionTimestamp"] == "tomorrow"


def test_moments_without_a_zone_stay_as_they_are(read: Read) -> None:
    """To be refused where they are read; fractions of seconds are kept."""
    for text, expected in (("2025-01-01T00:00:00", "2025-01-01T00:00:00"), ("2025-01-01T00:00:00.5Z", 1735689600.5)):
        given = configuration(
            aws_lambda_event_source_mapping__m={"function_name": "f", "starting_position_timestamp": text}
        )
        assert read("t.tf.json", given).mappings[0].parameters["StartingPositionTimestamp"] == expected


def test_a_mapping_of_nothing_that_is_read_back_is_left_as_it_is(read: Read) -> None:
    """What source it has nobody can tell, so neither what its zeros mean."""
    one = {
        "address": MAPPING,
        "type": MAPPING.split(".", maxsplit=1)[0],
        "name": "orders",
        "values": {"function_name": "f", "maximum_retry_attempts": 0},
    }
    text = json.dumps({"terraform_version": "1", "values": {"root_module": {"resources": [one, {"address": "x"}]}}})
    assert read("s.json", text).mappings[0].parameters["MaximumRetryAttempts"] == 0


def test_what_is_read_back_of_a_stream(read: Read) -> None:
    """A record age of zero is none; other zeros of a stream were given."""
    kind, name = MAPPING.split(".")
    arn = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
    values = {
        "function_name": "f",
        "event_source_arn": arn,
        "maximum_retry_attempts": 0,
        "maximum_record_age_in_seconds": 0,
    }
    one = {"address": MAPPING, "type": kind, "name": name, "values": {**values, "queues": []}}
    text = json.dumps({"terraform_version": "1", "values": {"root_module": {"resources": [one]}}})
    found = read("s.json", text).mappings[0].parameters
    assert dict(found) == {"FunctionName": "f", "EventSourceArn": arn, "MaximumRetryAttempts": 0}


def test_several_functions_and_what_they_are_invoked_with(read: Read) -> None:
    """Each has its own configuration; values by address may be given, comments are none."""
    text = configuration(
        aws_lambda_function__a={"function_name": "a", "role": "${data.aws_iam_role.r.arn}"},
        aws_lambda_function__b={"function_name": "b"},
        aws_lambda_function_event_invoke_config__b={
            "function_name": "${aws_lambda_function.b.arn}",
            "maximum_retry_attempts": 0,
        },
        aws_kinesis_stream__x={},
        aws_kinesis_stream__y={},
        aws_kinesis_stream_consumer__c={"name": "c", "stream_arn": "${aws_kinesis_stream.y.arn}"},
        aws_sns_topic_subscription__s={"protocol": "email", "endpoint": "a@example.com"},
    )
    text = text.replace('"aws_kinesis_stream": {', '"//": "a comment", "aws_kinesis_stream": {"//": "another", ')
    template = read("t.tf.json", text, **{"data.aws_iam_role.r.arn": "arn:given"})
    first, second = template.functions
    assert first.parameters["Role"] == "arn:given"
    assert (dict(first.event_invoke), dict(second.event_invoke)) == ({}, {"MaximumRetryAttempts": 0})
    assert [list(getattr(one, "consumers", {})) for one in template.resources] == [[], ["c"]]
    assert dict(template.subscriptions[0]) == {"Protocol": "email", "Endpoint": "a@example.com"}


def test_a_broken_expression_is_refused(read: Read) -> None:
    """With its place."""
    with pytest.raises(TemplateError, match=r"t\.tf\.json:1: resource\.aws_sqs_queue\.q\.name: "):
        read("t.tf.json", configuration(aws_sqs_queue__q={"name": "${"}))


MEMBERS = [
    ("${local.names[1]}", "b"),
    ("${local.names.1}", "b"),
    ('${local.by_stage["dev.eu"]}', "d"),
    ('${local["by_stage"].prod[0].name}', "p"),
    ("${var.shop.queues[0]}", "v"),
    ('${var.shop["queues"][var.number]}', "v"),
    ("${aws_sns_topic.t.tags.names[0]}", "t"),
    ("${format(local.pattern, local.names[0])}", "x-a"),
]


@pytest.mark.parametrize(("name", "expected"), MEMBERS)
def test_members_of_locals_variables_and_arguments(read: Read, name: str, expected: str) -> None:
    """At a name, a number or a text in quotes."""
    found = read("t.tf.json", json.dumps({**HOLDERS, "resource": {**HOLDERS["resource"], **queue_called(name)}}))
    assert found.resources[-1].name == expected


HOLDERS: dict[str, Any] = {
    "variable": {"shop": {"default": {"queues": ["v"]}}, "number": {"default": 0}, "open": {}},
    "locals": {"names": ["a", "b"], "by_stage": {"dev.eu": "d", "prod": [{"name": "p"}]}, "pattern": "x-%s"},
    "resource": {"aws_sns_topic": {"t": {"tags": {"names": ["t"]}}}},
}


def queue_called(name: str) -> dict[str, Any]:
    """A queue whose name is this expression."""
    return {"aws_sqs_queue": {"q": {"name": name}}}


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("${local.names[2]}", "local.names[2]"),
        ("${local.names.x}", "local.names.x"),
        ("${local.pattern.x}", "local.pattern.x"),
        ("${local.names[var.open]}", "open"),
        ("${var.open.x[0]}", "open"),
        ("${aws_sns_topic.t[0].arn}", "aws_sns_topic.t[0].arn"),
        ("${aws_sns_topic.t.owner}", "aws_sns_topic.t.owner"),
        ("${data.aws_region.here.endpoint}", "data.aws_region.here.endpoint"),
        ("${data.aws_ami.it.id}", "data.aws_ami.it.id"),
    ],
)
def test_members_that_nobody_knows(read: Read, name: str, missing: str) -> None:
    """They are open, by the name that they have in the file."""
    found = read("t.tf.json", json.dumps({**HOLDERS, "resource": {**HOLDERS["resource"], **queue_called(name)}}))
    assert found.resources[-1].name.names == (missing,)
