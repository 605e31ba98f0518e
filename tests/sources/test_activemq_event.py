"""The ActiveMQ event: shape, order and derivations as captured on AWS, and what is refused because JMS has no such."""

from __future__ import annotations

import base64
import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.active_mq_event import ActiveMQEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_lambda_events import Harness, UsageError
from pytest_lambda_events.events import activemq_event, identify, rabbitmq_event, validate
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.activemq_message import ActiveMqMessage
from pytest_lambda_events.model.delivered import DeliveredText
from pytest_lambda_events.model.mq_brokers import broker_of
from pytest_lambda_events.sources.activemq.make import java_text, make_message, producer_of
from pytest_lambda_events.sources.activemq.types import ActiveMqDestination
from pytest_lambda_events.sources.activemq.types import ActiveMqMessage as MessageType

SAMPLES = Path(__file__).parents[1] / "data" / "aws-samples"
ORDER = [
    "messageID",
    "messageType",
    "timestamp",
    "deliveryMode",
    "correlationID",
    "replyTo",
    "destination",
    "redelivered",
    "type",
    "expiration",
    "priority",
    "data",
    "brokerInTime",
    "brokerOutTime",
    "properties",
]
ARN = re.compile(
    r"arn:aws:mq:us-east-1:123456789012:broker:orders:"
    r"b-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
SENT = 1_735_689_600_000
BROKER = "arn:aws:mq:eu-west-1:210987654321:broker:shop.main_1:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"

CAPTURED_ID = "ID:b-0f5b7522-2b41-4f85-a615-735a4e6d96b5-2.mq.us-west-2.amazonaws.com-34859-1598944546501-4:12:1:1:3"
PRINTED_ID = "ID:b-9bcfa592-423a-4942-879d-eb284b418fc8-1.mq.us-west-2.amazonaws.com-37557-1234520418293-4:1:1:1:1"

# recorded on AWS in 2020, sent from the broker's web console; the account is another
CAPTURED = {
    "eventSource": "aws:mq",
    "eventSourceArn": "arn:aws:mq:us-west-2:111122223333:broker:shask-test:b-0f5b7522-2b41-4f85-a615-735a4e6d96b5",
    "messages": [
        {
            "messageID": CAPTURED_ID,
            "messageType": "jms/text-message",
            "timestamp": 1599863938941,
            "deliveryMode": 1,
            "correlationID": "",
            "replyTo": "null",
            "destination": {"physicalName": "testQueue"},
            "redelivered": False,
            "type": "",
            "expiration": 0,
            "priority": 0,
            "data": "RW50ZXIgc29tZSB0ZXh0IGhlcmUgZm9yIHRoZSBtZXNzYWdlIGJvZHkuLi4=",
            "brokerInTime": 1599863938943,
            "brokerOutTime": 1599863938944,
            "properties": {"testKey": "testValue"},
        }
    ],
}
# Amazon MQ Developer Guide, the payload of an ActiveMQ queue in the older form; samples of SDKs have it, too
OLDER = {
    "eventSource": "aws:amq",
    "eventSourceArn": "arn:aws:mq:us-west-2:112556298976:broker:test:b-9bcfa592-423a-4942-879d-eb284b418fc8",
    "messages": [
        {
            "messageID": PRINTED_ID,
            "messageType": "jms/text-message",
            "data": "QUJDOkFBQUE=",
            "connectionId": "myJMSCoID",
            "redelivered": False,
            "destination": {"physicalname": "testQueue"},
            "timestamp": 1598827811958,
            "brokerInTime": 1598827811958,
            "brokerOutTime": 1598827811959,
        },
        {
            "messageID": PRINTED_ID,
            "messageType": "jms/bytes-message",
            "data": "3DTOOW7crj51prgVLQaGQ82S48k=",
            "connectionId": "myJMSCoID1",
            "persistent": False,
            "destination": {"physicalname": "testQueue"},
            "timestamp": 1598827811958,
            "brokerInTime": 1598827811958,
            "brokerOutTime": 1598827811959,
        },
    ],
}


def message(*payloads: Any, **arguments: Any) -> dict[str, Any]:
    """The first message of an event."""
    found: dict[str, Any] = activemq_event(*payloads, **arguments)["messages"][0]
    return found


def shown(event: Any) -> list[tuple[str, str]]:
    """Severities and paths of what is found."""
    return [(finding.severity, finding.path) for finding in validate(event)]


def test_keys_stand_in_awss_order_and_none_is_left_out() -> None:
    """Those of the event and of each message; a real event has no connectionId."""
    event = activemq_event("a", {"b": 1}, b"\xff")
    assert list(event) == ["eventSource", "eventSourceArn", "messages"]
    assert [list(one) for one in event["messages"]] == [ORDER] * 3
    assert list(CAPTURED["messages"][0]) == ORDER
    assert event["eventSource"] == "aws:mq"
    assert ARN.fullmatch(event["eventSourceArn"])


def test_the_types_have_the_same_keys() -> None:
    """A message's TypedDict is what is generated."""
    assert list(MessageType.__annotations__) == ORDER
    assert list(ActiveMqDestination.__annotations__) == list(message("a")["destination"])


def test_what_is_not_set_is_never_absent_and_never_null() -> None:
    """Empty texts, zero, no properties, and the text `null` for replyTo."""
    found = message("a", time="2025-01-01T00:00:00Z")
    assert found["correlationID"] == ""
    assert found["replyTo"] == "null"
    assert found["type"] == ""
    assert found["expiration"] == 0
    assert found["properties"] == {}
    assert (found["deliveryMode"], found["priority"], found["redelivered"]) == (2, 4, False)
    assert found["destination"] == {"physicalName": "orders"}
    assert found["timestamp"] == SENT


def test_what_is_set_is_there() -> None:
    """Every argument, for all messages or by a message's number."""
    event = activemq_event(
        "a",
        "b",
        queue="in.orders",
        broker=BROKER,
        delivery_mode=lambda number: 1 + number,
        correlation_id=lambda number: f"c-{number}",
        reply_to="replies",
        type="order",
        expiration=SENT + 60_000,
        priority=9,
        redelivered=lambda number: number == 1,
        properties=lambda number: {"number": number},
        time="2025-01-01T00:00:00Z",
    )
    first, second = event["messages"]
    assert event["eventSourceArn"] == BROKER
    assert [one["deliveryMode"] for one in (first, second)] == [1, 2]
    assert [one["correlationID"] for one in (first, second)] == ["c-0", "c-1"]
    assert [one["redelivered"] for one in (first, second)] == [False, True]
    assert [one["properties"] for one in (first, second)] == [{"number": "0"}, {"number": "1"}]
    assert second["type"] == "order"
    assert second["expiration"] == SENT + 60_000
    assert second["priority"] == 9
    assert second["destination"] == {"physicalName": "in.orders"}
    assert validate(event) == []


def test_message_types_follow_the_payload_unless_asked_for() -> None:
    """Text and JSON are text messages, bytes are bytes messages; a type that fits may be chosen for each message."""
    event = activemq_event("é", {"k": [1, "é"]}, None, b"\xff\x00", bytearray(b"x"))
    assert [one["messageType"].partition("/")[2].partition("-")[0] for one in event["messages"]] == [
        "text",
        "text",
        "text",
        "bytes",
        "bytes",
    ]
    bodies = [base64.b64decode(one["data"], validate=True) for one in event["messages"]]
    assert bodies == ["é".encode(), '{"k":[1,"é"]}'.encode(), b"null", b"\xff\x00", b"x"]
    chosen = activemq_event("a", b"b", message_type=("jms/bytes-message", "jms/text-message").__getitem__)
    assert [one["messageType"] for one in chosen["messages"]] == ["jms/bytes-message", "jms/text-message"]
    assert validate(chosen) == []


def test_reply_to_is_written_as_activemq_writes_a_destination() -> None:
    """A name is a queue's; another destination is given whole."""
    assert message("a", reply_to="replies")["replyTo"] == "queue://replies"
    assert message("a", reply_to="topic://news")["replyTo"] == "topic://news"
    assert message("a", reply_to="temp-queue://ID:x-1-2:1:1")["replyTo"] == "temp-queue://ID:x-1-2:1:1"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        (True, "true"),
        (False, "false"),
        (1, "1"),
        (-(2**63), "-9223372036854775808"),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.001, "0.001"),
        (0.00099, "9.9E-4"),
        (-2e-4, "-2.0E-4"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (12345678.9, "1.23456789E7"),
        (1.2345678901234568e17, "1.2345678901234568E17"),
        (5e-324, "4.9E-324"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (float("nan"), "NaN"),
    ],
)
def test_properties_are_texts_as_java_writes_them(value: Any, text: str) -> None:
    """The right column is what a Java program printed."""
    assert java_text(value) == text
    assert message("a", properties={"key": value})["properties"] == {"key": text}


def test_names_of_properties_are_javas_identifiers() -> None:
    """Also with a dollar sign, and the two of the provider's that a client sets."""
    names = ["a", "$a", "a$", "_", "größe", "JMSXGroupID", "JMSXGroupSeq", "notNull"]
    assert list(message("a", properties=dict.fromkeys(names, "x"))["properties"]) == names


def test_message_ids_have_the_brokers_grammar() -> None:
    """The broker's host with the UUID and region of the ARN, port, start, and numbers of which the last one rises."""
    event = activemq_event(*"abc", region="eu-central-1", time="2025-01-01T00:00:00Z")
    uuid = event["eventSourceArn"].rpartition(":")[2]
    found = [
        re.fullmatch(
            rf"ID:{uuid}-1\.mq\.eu-central-1\.amazonaws\.com-(\d{{5}})-(\d{{13}})-4:(\d+):1:1:(\d+)", one["messageID"]
        )
        for one in event["messages"]
    ]
    ids = [one.groups() for one in found if one is not None]
    assert [int(one[3]) for one in ids] == [1, 2, 3]
    assert len({one[:3] for one in ids}) == 1
    port, started, connection, _ = map(int, ids[0])
    assert 32_768 <= port <= 60_999
    assert 3_600_000 <= SENT - started <= 60 * 86_400_000
    assert 1 <= connection <= 60


def test_messages_pass_the_broker_in_order_and_soon() -> None:
    """In at or after the sending, out after in, no message before the one ahead of it."""
    messages = activemq_event("a", count=50, time="2025-01-01T00:00:00Z")["messages"]
    came = [one["brokerInTime"] for one in messages]
    left = [one["brokerOutTime"] for one in messages]
    assert came == sorted(came)
    assert left == sorted(left)
    assert came[0] - SENT in range(3)
    assert all(1 <= out - into <= 15 for into, out in zip(came, left, strict=True))
    assert len({out - into for into, out in zip(came, left, strict=True)}) > 1


@pytest.mark.parametrize(
    ("region", "partition", "ending"),
    [
        ("us-east-1", "aws", "amazonaws.com"),
        ("ap-southeast-2", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ],
)
def test_arn_and_host_belong_to_the_regions_partition(region: str, partition: str, ending: str) -> None:
    """As the documentation for China prints them."""
    event = activemq_event("a", region=region, account="000000000001")
    assert event["eventSourceArn"].startswith(f"arn:{partition}:mq:{region}:000000000001:broker:orders:b-")
    assert f".mq.{region}.{ending}-" in event["messages"][0]["messageID"]
    assert validate(event) == []


def test_an_arn_says_region_account_and_id_of_the_broker() -> None:
    """And ids agree with it."""
    event = activemq_event("a", broker=BROKER, region="us-west-2", account="999999999999")
    assert event["eventSourceArn"] == BROKER
    assert "b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34-1.mq.eu-west-1." in event["messages"][0]["messageID"]


def test_brokers_of_two_engines_are_two_brokers() -> None:
    """Same name, same seed, another id."""
    assert activemq_event("a")["eventSourceArn"] != rabbitmq_event("a")["eventSourceArn"]


def test_counts_seeds_and_times() -> None:
    """count= repeats one payload or makes orders, the seed fixes every id, time is that of a harness when one runs."""
    assert len(activemq_event("a", count=3)["messages"]) == 3
    assert [json.loads(base64.b64decode(one["data"]))["order"] for one in activemq_event(count=2)["messages"]] == [1, 2]
    assert activemq_event("a", seed=1) == activemq_event("a", seed=1)
    one, two = (activemq_event("a", seed=seed) for seed in (1, 2))
    assert one["eventSourceArn"] != two["eventSourceArn"]
    assert one["messages"][0]["messageID"].rsplit("-", 3)[1:] != two["messages"][0]["messageID"].rsplit("-", 3)[1:]
    with Harness(start="2030-01-01T00:00:00Z") as aws:
        aws.virtual_clock.advance(5)
        assert message("a")["timestamp"] == 1_893_456_005_000
    assert message("a", time="1970-01-01T00:00:00Z")["messageID"].split("-4:")[0].endswith("-0")


def test_the_same_seed_makes_the_same_event_in_another_process() -> None:
    """Byte for byte, whatever the hash seed."""
    code = (
        "import json; from pytest_lambda_events.events import activemq_event;"
        "print(json.dumps(activemq_event('a', b'b', seed=5, properties={'x': 1.5, 'y': True})))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": "77"}, capture_output=True, check=True
    )
    here = activemq_event("a", b"b", seed=5, properties={"x": 1.5, "y": True})
    assert found.stdout.decode("utf-8").strip() == json.dumps(here)


def test_overrides_come_last() -> None:
    """By path, for one message or all."""
    event = activemq_event("a", "b", overrides={"messages[*].priority": 0, "messages[1].type": "x"})
    assert [(one["priority"], one["type"]) for one in event["messages"]] == [(0, ""), (0, "x")]


def test_what_goes_with_a_payload_holds_where_nothing_else_is_given() -> None:
    """An argument wins over what an envelope brings along."""
    payload = DeliveredText("a", correlation_id="brought", type="brought", properties={"from": "envelope"})
    found = message(payload, type="given")
    assert (found["correlationID"], found["type"], found["properties"]) == ("brought", "given", {"from": "envelope"})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"queue": ""}, "1 to 1000 characters"),
        ({"queue": "q" * 1001}, "1 to 1000 characters"),
        ({"queue": "queue://orders"}, "'orders'"),
        ({"broker": ""}, "no name of a broker"),
        ({"broker": "b" * 51}, "1 to 50"),
        ({"broker": "or ders"}, "no name of a broker"),
        ({"broker": "arn:aws:sqs:us-east-1:123456789012:orders"}, "no ARN of a broker"),
        ({"broker": f"{BROKER}x"}, "no ARN of a broker"),
        ({"region": "here"}, "no ARN of a broker"),
        ({"account": "12345"}, "no ARN of a broker"),
        ({"message_type": "jms/map-message"}, "Lambda delivers jms/text-message and jms/bytes-message"),
        ({"delivery_mode": 0}, "1 is non-persistent"),
        ({"delivery_mode": 3}, "2 persistent"),
        ({"delivery_mode": True}, "whole number"),
        ({"delivery_mode": "2"}, "whole number"),
        ({"priority": -1}, "from 0 to 9"),
        ({"priority": 10}, "from 0 to 9"),
        ({"priority": 4.0}, "from 0 to 9"),
        ({"expiration": -1}, "epoch milliseconds"),
        ({"expiration": "60000"}, "epoch milliseconds"),
        ({"expiration": 60_000}, "a moment, not a length"),
        ({"expiration": SENT}, "would have expired"),
        ({"correlation_id": 7}, "correlation_id=7 is no text"),
        ({"reply_to": ["a"]}, "reply_to"),
        ({"type": 1.5}, "type=1.5"),
        ({"redelivered": 1}, "True or False"),
        ({"properties": {"a-b": "x"}}, "Java identifier"),
        ({"properties": {"1a": "x"}}, "Java identifier"),
        ({"properties": {"": "x"}}, "Java identifier"),
        ({"properties": {7: "x"}}, "Java identifier"),
        ({"properties": {"Between": "x"}}, "Java identifier"),
        ({"properties": {"JMSCorrelationID": "x"}}, "the provider's"),
        ({"properties": {"JMSXDeliveryCount": 1}}, "the provider's"),
        ({"properties": {"a": None}}, "a=None is no value"),
        ({"properties": {"a": b"x"}}, "no value"),
        ({"properties": {"a": ["x"]}}, "no value"),
        ({"properties": {"a": 2**63}}, "64 bits"),
        ({"count": 0}, "count=0"),
        ({"time": "yesterday"}, "ISO 8601"),
    ],
)
def test_what_no_producer_could_send_is_refused(arguments: dict[str, Any], words: str) -> None:
    """The message says what was wrong and what to write."""
    with pytest.raises(UsageError) as caught:
        activemq_event("a", **{"time": "2025-01-01T00:00:00Z", **arguments})
    assert words in str(caught.value)


def test_payloads_that_cannot_travel_are_refused() -> None:
    """No JSON, half a surrogate pair, a text message of bytes that are no text."""
    with pytest.raises(UsageError, match="cannot be sent"):
        activemq_event({1, 2})
    with pytest.raises(UsageError, match="half surrogate pairs"):
        activemq_event("\ud800")
    with pytest.raises(UsageError, match="does not fit the payload"):
        activemq_event(b"\xff", message_type="jms/text-message")


def test_the_native_record_is_a_value() -> None:
    """Equal and hashable by id, frozen, and its body parses."""
    made = make_message({"order": 1}, message_id="ID:1", queue="q", sent_ms=1, broker_in_ms=2, properties={"a": 1})
    same = ActiveMqMessage(id="ID:1", data=b"other", queue="q", timestamp=1, broker_in_time=2)
    assert made == same
    assert hash(made) == hash(same)
    assert made != ActiveMqMessage(id="ID:2", data=made.data, queue="q", timestamp=1, broker_in_time=2)
    assert made != "ID:1"
    assert made.json() == {"order": 1}
    assert repr(made) == "<ActiveMqMessage ID:1 b'{\"order\":1}'>"
    assert repr(make_message("a" * 99, message_id="i", queue="q", sent_ms=1, broker_in_ms=2)).endswith("aaa...'>")
    assert (made.delivery_mode, made.priority, made.expiration) == (2, 4, 0)
    with pytest.raises(TypeError):
        made.properties["a"] = "2"
    with pytest.raises(AttributeError):
        made.priority = 1


def test_one_producer_keeps_its_ids() -> None:
    """Of one seed and one broker."""
    place = broker_of(BROKER, region="", account="", uuid="")
    assert producer_of(Identifiers(1), place, SENT) == producer_of(Identifiers(1), place, SENT)
    assert producer_of(Identifiers(1), place, SENT) != producer_of(Identifiers(2), place, SENT)


# -- consumers ---------------------------------------------------------------------------------------------------------


def test_powertools_reads_our_events() -> None:
    """Everything that its data class has, apart from what the next tests show."""
    event = activemq_event(
        {"order": 1}, correlation_id="c", reply_to="r", type="t", priority=9, properties={"a": 1}, redelivered=True
    )
    raw = event["messages"][0]
    read = ActiveMQEvent(event)
    found = read.message
    assert (read.event_source, read.event_source_arn) == ("aws:mq", event["eventSourceArn"])
    assert found.json_data == {"order": 1}
    assert found.decoded_data == '{"order":1}'
    assert (found.message_id, found.message_type) == (raw["messageID"], "jms/text-message")
    assert (found.timestamp, found.broker_in_time, found.broker_out_time) == (
        raw["timestamp"],
        raw["brokerInTime"],
        raw["brokerOutTime"],
    )
    assert (found.correlation_id, found.reply_to, found.get_type) == ("c", "queue://r", "t")
    assert (found.priority, found.expiration, found.delivery_mode, found.redelivered) == (9, 0, 2, True)
    assert found.destination_physicalname == "orders"
    assert found.properties == {"a": "1"}
    assert len(list(read.messages)) == 1


def test_powertools_asks_for_a_connection_id_that_no_event_has() -> None:
    """The key stands in its own sample only."""
    with pytest.raises(KeyError, match="connectionId"):
        _ = ActiveMQEvent(activemq_event("a")).message.connection_id


def test_powertools_cannot_decode_a_bytes_message() -> None:
    """It takes every body for text; base64.b64decode(message.data) gives the bytes."""
    found = ActiveMQEvent(activemq_event(b"\xff\x00")).message
    with pytest.raises(UnicodeDecodeError):
        _ = found.decoded_data
    with pytest.raises(UnicodeDecodeError):
        _ = found.json_data
    assert base64.b64decode(found.data) == b"\xff\x00"


def test_powertools_gives_a_reply_to_where_none_is() -> None:
    """The text `null` is true, so `if message.reply_to` is no test; unset texts are empty, not None."""
    found = ActiveMQEvent(activemq_event("a")).message
    assert found.reply_to == "null"
    assert found.correlation_id == ""
    assert found.get_type == ""


def test_powertools_finds_no_properties_in_what_the_documentation_prints() -> None:
    """Its own sample's form: the key of an older event is not there."""
    with pytest.raises(KeyError, match="properties"):
        _ = ActiveMQEvent(OLDER).message.properties
    with pytest.raises(KeyError, match="physicalName"):
        _ = ActiveMQEvent(OLDER).message.destination_physicalname


# -- validate ----------------------------------------------------------------------------------------------------------


def test_a_captured_event_is_without_findings() -> None:
    """It was sent from the broker's web console: not persistent, priority 0."""
    assert identify(CAPTURED).name == "activemq"
    assert validate(CAPTURED) == []


def test_a_message_sent_over_stomp_is_without_findings() -> None:
    """ActiveMQ's bridge for STOMP numbers its session -1 (recorded on 5.17.2)."""
    event = activemq_event("a", overrides={"messages[0].messageID": "ID:vm-33421-1795668763422-1:12:-1:1:1"})

    assert [] == validate(event)


def test_a_captured_message_without_properties_is_noted() -> None:
    """A message that came through EventBridge Pipes lacked them: it is no error."""
    event = copy.deepcopy(CAPTURED)
    del event["messages"][0]["properties"]
    assert shown(event) == [("note", "messages[0].properties")]


def test_awss_own_sample_has_notes_only() -> None:
    """Each says what real events have instead."""
    sample = json.loads((SAMPLES / "activemq.json").read_text(encoding="utf-8"))
    found = shown(sample)
    assert {severity for severity, _ in found} == {"note"}
    assert {path.rpartition(".")[2] for _, path in found} == {
        "correlationID",
        "correlationId",
        "eventSourceArn",
        "expiration",
        "messageID",
        "replyTo",
        "type",
    }


def test_the_older_form_has_notes_only() -> None:
    """aws:amq, physicalname, connectionId, persistent, and all that it lacks."""
    assert identify(OLDER).name == "activemq"
    found = shown(OLDER)
    assert {severity for severity, _ in found} == {"note"}
    for path in ("eventSource", "messages[0].destination", "messages[0].connectionId", "messages[1].persistent"):
        assert ("note", path) in found
    assert ("note", "messages[0].properties") in found


def test_a_lowercase_destination_of_another_type_is_an_error() -> None:
    """The printed form is a form of its own, with a text in it."""
    event = activemq_event("a", overrides={"messages[0].destination": {"physicalname": 7}})
    assert ("error", "messages[0].destination.physicalName") in shown(event)


def test_an_id_of_a_clients_library_is_none_of_the_brokers() -> None:
    """OpenWire clients make ids of their own host: neither broker nor start can be compared."""
    ours = "ID:ip-10-0-0-7.ec2.internal-41389-9735689600000-1:1:1:1:1"
    assert validate(activemq_event("a", overrides={"messages[0].messageID": ours})) == []


def test_messages_of_different_lines_may_change_order() -> None:
    """One that comes back, and one of a higher priority, overtakes the others of its producer."""
    event = activemq_event("a", "b", "c", priority=(4, 4, 9).__getitem__, redelivered=(False, True, False).__getitem__)
    event["messages"].reverse()
    assert validate(event) == []
    plain = activemq_event("a", "b")
    plain["messages"].reverse()
    assert shown(plain) == [("note", "messages[1].messageID")]


def test_a_producer_may_send_no_timestamp() -> None:
    """JMS lets it be 0."""
    assert validate(activemq_event("a", overrides={"messages[0].timestamp": 0})) == []


@pytest.mark.parametrize(
    ("key", "value", "severity", "words"),
    [
        ("data", "/w==", "error", "UTF-8 in base64"),
        ("data", "YWJ", "error", "standard base64"),
        ("timestamp", 1_735_689_600, "note", "look like seconds"),
        ("timestamp", SENT + 60_000, "note", "it comes after timestamp"),
        ("brokerInTime", SENT - 1, "note", "1735689600000 or later"),
        ("brokerOutTime", SENT - 1, "note", "it comes after brokerInTime"),
        ("expiration", 60_000, "note", "expired is not delivered"),
        ("expiration", "60000", "note", "the documentation prints a length"),
        ("expiration", "soon", "error", "epoch milliseconds"),
        ("replyTo", None, "note", "the documentation prints null"),
        ("replyTo", "", "note", 'the text "null"'),
        ("replyTo", "replies", "note", "queue://name"),
        ("type", None, "note", "the documentation prints null"),
        ("correlationID", None, "error", "a string"),
        ("properties", {"a": 1}, "error", "a string"),
        ("priority", 10, "note", "from 0 to 9"),
        ("deliveryMode", 3, "error", "1 or 2"),
        ("messageType", "jms/map-message", "error", "jms/bytes-message"),
        ("destination", {"physicalName": ""}, "error", "the name of a queue"),
        ("destination", {"physicalname": "orders"}, "note", "physicalName"),
        ("messageID", "7d52", "note", "as ActiveMQ makes it"),
        ("messageID", f"ID:{BROKER[-38:]}-1.mq.us-east-1.amazonaws.com-5-5-4:1:1:1:1", "note", "the broker of"),
        ("messageID", f"ID:{BROKER[-38:]}-1.mq.eu-west-1.amazonaws.com-5-{SENT * 2}-4:1:1:1:1", "note", "began before"),
        ("messageID", f"ID:b-{'0' * 8}{BROKER[-28:]}-1.mq.eu-west-1.amazonaws.com-5-5-4:1:1:1:1", "note", "b-3c1f4e6a"),
    ],
)
def test_one_wrong_value_gives_one_finding(key: str, value: Any, severity: str, words: str) -> None:
    """Or one for each time that no longer fits."""
    found = validate(
        activemq_event(
            "a", broker=BROKER, time="2025-01-01T00:00:00Z", overrides={f"messages[0].{key}": copy.deepcopy(value)}
        )
    )
    assert {one.severity for one in found} == {severity}
    assert words in " ".join(one.expected for one in found)
    assert all(key in f"{one.path} {one.expected}" for one in found)


def test_a_mapping_has_one_queue() -> None:
    """So that all messages come from it."""
    event = activemq_event("a", "b", overrides={"messages[1].destination.physicalName": "elsewhere"})
    assert shown(event) == [("note", "messages[1].destination.physicalName")]


def test_two_messages_never_share_an_id() -> None:
    """The samples' do."""
    event = activemq_event("a", "b")
    event["messages"][1]["messageID"] = event["messages"][0]["messageID"]
    assert shown(event) == [("note", "messages[1].messageID")]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["jms/text-message", "/w==", "ID:b-1-2-3:1:1:1:1", "arn:aws:mq:::broker:b-", "null"]),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from([*ORDER, "connectionId"]), one, max_size=4),
    max_leaves=12,
)


@settings(max_examples=2 * settings().max_examples)
@given(data=st.data())
def test_whatever_json_is_asked_about_is_answered(data: st.DataObject) -> None:
    """Nothing raises, whether a value is wrong somewhere or nothing is right."""
    event = activemq_event("a", b"\xff")
    where = data.draw(st.sampled_from(["messages", "eventSourceArn", "message", "field"]))
    value = data.draw(json_values)
    if where == "message":
        event["messages"][0] = value
    elif where == "field":
        event["messages"][0][data.draw(st.sampled_from(ORDER))] = value
    else:
        event[where] = value
    validate(event)
    validate({"eventSource": "aws:mq", "messages": [value]})
