"""The RabbitMQ event: shape, order and derivations as captured on AWS, and what is refused because AMQP has no such."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.rabbit_mq_event import RabbitMQEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_lambda_events import Harness, UsageError
from pytest_lambda_events.events import identify, rabbitmq_event, validate
from pytest_lambda_events.model.delivered import DeliveredBytes
from pytest_lambda_events.model.rabbitmq_message import RabbitMqMessage
from pytest_lambda_events.sources.rabbitmq.make import make_message
from pytest_lambda_events.sources.rabbitmq.types import RabbitMqBasicProperties
from pytest_lambda_events.sources.rabbitmq.types import RabbitMqMessage as MessageType

SAMPLES = Path(__file__).parents[1] / "data" / "aws-samples"
ORDER = [
    "contentType",
    "contentEncoding",
    "headers",
    "deliveryMode",
    "priority",
    "correlationId",
    "replyTo",
    "expiration",
    "messageId",
    "timestamp",
    "type",
    "userId",
    "appId",
    "clusterId",
    "bodySize",
]
BROKER = "arn:aws:mq:eu-west-1:210987654321:broker:shop.main_1:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"

# recorded on AWS, from a Python producer that set delivery_mode=2 and nothing else; names and ids are others
CAPTURED = {
    "eventSourceArn": BROKER,
    "rmqMessagesByQueue": {
        "testQueue::/": [
            {
                "basicProperties": {
                    **dict.fromkeys(ORDER),
                    "deliveryMode": 2,
                    "bodySize": 13,
                },
                "redelivered": True,
                "data": data,
            }
            for data in ("SGVsbG8gV29ybGQgMQ==", "SGVsbG8gV29ybGQgMg==", "SGVsbG8gV29ybGQgMw==")
        ]
    },
    "eventSource": "aws:rmq",
}


def messages(*payloads: Any, **arguments: Any) -> list[dict[str, Any]]:
    """The messages of an event."""
    (found,) = rabbitmq_event(*payloads, **arguments)["rmqMessagesByQueue"].values()
    assert isinstance(found, list)
    return found


def properties(*payloads: Any, **arguments: Any) -> dict[str, Any]:
    """The properties of an event's first message."""
    found: dict[str, Any] = messages(*payloads, **arguments)[0]["basicProperties"]
    return found


def shown(event: Any) -> list[tuple[str, str]]:
    """Severities and paths of what is found."""
    return [(finding.severity, finding.path) for finding in validate(event)]


def test_keys_stand_in_awss_order_and_none_is_left_out() -> None:
    """ARN, messages by queue, source; each message with all fifteen properties."""
    event = rabbitmq_event("a", {"b": 1})
    assert list(event) == ["eventSourceArn", "rmqMessagesByQueue", "eventSource"]
    assert event["eventSource"] == "aws:rmq"
    assert event["eventSourceArn"].startswith("arn:aws:mq:us-east-1:123456789012:broker:orders:b-")
    for one in event["rmqMessagesByQueue"]["orders::/"]:
        assert list(one) == ["basicProperties", "redelivered", "data"]
        assert list(one["basicProperties"]) == ORDER


def test_the_types_have_the_same_keys() -> None:
    """TypedDicts of a message and of its properties are what is generated."""
    assert list(MessageType.__annotations__) == list(messages("a")[0])
    assert list(RabbitMqBasicProperties.__annotations__) == ORDER


def test_a_captured_event_is_what_the_same_messages_make_here() -> None:
    """Byte for byte: a text without properties, persistent, delivered again."""
    texts = [f"Hello World {number}" for number in (1, 2, 3)]
    assert json.dumps(rabbitmq_event(*texts, queue="testQueue", broker=BROKER, redelivered=True)) == json.dumps(
        CAPTURED
    )


def test_what_is_not_set_is_null() -> None:
    """Only the delivery mode has a value of ours; JSON that we write says so in contentType."""
    found = properties("é")
    assert {name: value for name, value in found.items() if value is not None} == {"deliveryMode": 2, "bodySize": 2}
    assert properties("a", delivery_mode=None)["deliveryMode"] is None
    assert properties({"order": 1})["contentType"] == "application/json"
    assert properties(b"x")["contentType"] is None
    assert properties({"order": 1}, content_type="application/vnd.order")["contentType"] == "application/vnd.order"


def test_what_is_set_is_there() -> None:
    """Every argument, for all messages or by a message's number."""
    event = rabbitmq_event(
        "a",
        "b",
        queue="in.orders",
        vhost="shop",
        broker=BROKER,
        content_type="text/plain",
        content_encoding="utf-8",
        headers=lambda number: {"number": number},
        delivery_mode=1,
        priority=lambda number: 255 * number,
        correlation_id=lambda number: f"c-{number}",
        reply_to="replies",
        expiration=60_000,
        message_id="m",
        timestamp="2023-07-02T01:30:34Z",
        type="order",
        user_id="shop",
        app_id="till",
        cluster_id="x",
        redelivered=lambda number: number == 1,
    )
    (first, second) = event["rmqMessagesByQueue"]["in.orders::shop"]
    assert event["eventSourceArn"] == BROKER
    assert second["basicProperties"] == {
        "contentType": "text/plain",
        "contentEncoding": "utf-8",
        "headers": {"number": 1},
        "deliveryMode": 1,
        "priority": 255,
        "correlationId": "c-1",
        "replyTo": "replies",
        "expiration": "60000",
        "messageId": "m",
        "timestamp": "Jul 2, 2023, 1:30:34 AM",
        "type": "order",
        "userId": "shop",
        "appId": "till",
        "clusterId": "x",
        "bodySize": 1,
    }
    assert [first["redelivered"], second["redelivered"]] == [False, True]
    assert first["basicProperties"]["headers"] == {"number": 0}
    assert validate(event) == []


def test_body_size_is_that_of_the_decoded_data() -> None:
    """Bytes, not characters, and not those of the base64."""
    found = messages("é€", {"k": [1, "é"]}, b"\xff\x00", bytearray(b"x"), "", None)
    bodies = [base64.b64decode(one["data"], validate=True) for one in found]
    assert bodies == ["é€".encode(), '{"k":[1,"é"]}'.encode(), b"\xff\x00", b"x", b"", b"null"]
    assert [one["basicProperties"]["bodySize"] for one in found] == [len(body) for body in bodies]


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("value1", {"bytes": [118, 97, 108, 117, 101, 49]}),
        ("é", {"bytes": [-61, -87]}),
        ("", {"bytes": []}),
        (10, 10),
        (-(2**63), -(2**63)),
        (0.5, 0.5),
        (True, True),
        (None, None),
        (b"\x00\x7f\x80\xff", [0, 127, -128, -1]),
        (dt.datetime(2021, 1, 1, 13, 5, 9), "Jan 1, 2021, 1:05:09 PM"),
        ([1, "a", [None]], [1, {"bytes": [97]}, [None]]),
        (("a",), [{"bytes": [97]}]),
        ({"in": {"text": "a", "n": 1}}, {"in": {"text": {"bytes": [97]}, "n": 1}}),
        ({}, {}),
    ],
)
def test_headers_are_javas_objects_written_out(value: Any, shape: Any) -> None:
    """A text is an object with its signed bytes; the rest as JSON has it, also inside lists and tables."""
    event = rabbitmq_event("a", headers={"key": value})
    found = event["rmqMessagesByQueue"]["orders::/"][0]["basicProperties"]["headers"]
    assert json.dumps(found) == json.dumps({"key": shape})
    assert validate(event) == []


def test_no_headers_are_null_and_an_empty_table_is_empty() -> None:
    """An empty table is one."""
    assert properties("a")["headers"] is None
    assert properties("a", headers={})["headers"] == {}


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (2021, "Jan 1, 1970, 12:33:41 AM"),  # the documentation's sample
        (1_688_261_434, "Jul 2, 2023, 1:30:34 AM"),
        ("2023-07-02T01:30:34Z", "Jul 2, 2023, 1:30:34 AM"),
        ("2023-07-02T03:30:34.999+02:00", "Jul 2, 2023, 1:30:34 AM"),
        (dt.datetime(2023, 7, 2, 1, 30, 34, tzinfo=dt.timezone.utc), "Jul 2, 2023, 1:30:34 AM"),
        (dt.datetime(2023, 7, 2, 1, 30, 34), "Jul 2, 2023, 1:30:34 AM"),
        (0, "Jan 1, 1970, 12:00:00 AM"),
        (43_200, "Jan 1, 1970, 12:00:00 PM"),
        (253_402_300_799, "Dec 31, 9999, 11:59:59 PM"),
        (True, "Jan 1, 2025, 12:00:01 AM"),
        (False, None),
    ],
)
def test_timestamps_are_javas_text_in_utc(moment: Any, text: str | None) -> None:
    """Whole seconds, no zone, twelve hours, no leading zeros but in minutes and seconds, a plain blank before AM."""
    event = rabbitmq_event("a", timestamp=moment, time="2025-01-01T00:00:01.999Z")
    assert event["rmqMessagesByQueue"]["orders::/"][0]["basicProperties"]["timestamp"] == text
    assert validate(event) == []


@pytest.mark.parametrize(("length", "text"), [(60_000, "60000"), ("60000", "60000"), (0, "0")])
def test_an_expiration_is_a_text_of_milliseconds(length: Any, text: str) -> None:
    """As AMQP has it."""
    assert properties("a", expiration=length)["expiration"] == text


def test_counts_seeds_and_times() -> None:
    """count= repeats one payload or makes orders, the seed fixes the broker, time is a harness's when one runs."""
    assert len(messages("a", count=3)) == 3
    assert [json.loads(base64.b64decode(one["data"]))["order"] for one in messages(count=2)] == [1, 2]
    assert rabbitmq_event("a", seed=1) == rabbitmq_event("a", seed=1)
    assert rabbitmq_event("a", seed=1)["eventSourceArn"] != rabbitmq_event("a", seed=2)["eventSourceArn"]
    with Harness(start="2030-01-01T00:00:00Z") as aws:
        aws.virtual_clock.advance(5)
        assert properties("a", timestamp=True)["timestamp"] == "Jan 1, 2030, 12:00:05 AM"


def test_the_same_seed_makes_the_same_event_in_another_process() -> None:
    """Byte for byte, whatever the hash seed and the locale."""
    code = (
        "import json; from pytest_lambda_events.events import rabbitmq_event;"
        "print(json.dumps(rabbitmq_event('a', b'b', seed=5, headers={'x': 'y'}, timestamp=True)))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77", "LC_ALL": "de_DE.UTF-8"}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    here = rabbitmq_event("a", b"b", seed=5, headers={"x": "y"}, timestamp=True)
    assert found.stdout.decode("utf-8").strip() == json.dumps(here)


def test_overrides_come_last() -> None:
    """A key with colons stands in quotes."""
    path = 'rmqMessagesByQueue["orders::/"][0].basicProperties'
    event = rabbitmq_event("a", overrides={f"{path}.priority": 7, f"{path}.bodySize": 80})
    found = event["rmqMessagesByQueue"]["orders::/"][0]["basicProperties"]
    assert (found["priority"], found["bodySize"]) == (7, 80)


def test_what_goes_with_a_payload_holds_where_nothing_else_is_given() -> None:
    """An argument wins over what an envelope brings along."""
    payload = DeliveredBytes(b"a", content_encoding="gzip", app_id="brought", headers={"from": 1})
    found = properties(payload, app_id="given")
    assert (found["contentEncoding"], found["appId"], found["headers"]) == ("gzip", "given", {"from": 1})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"queue": ""}, "queue='' is empty"),
        ({"queue": "q" * 256}, "255"),
        ({"queue": 7}, "is no text"),
        ({"vhost": ""}, "vhost='' is empty"),
        ({"vhost": "é" * 128}, "256 bytes"),
        ({"broker": "or ders"}, "1 to 50"),
        ({"broker": "arn:aws:mq:us-east-1:123456789012:broker:orders"}, "no ARN of a broker"),
        ({"delivery_mode": 3}, "2 persistent"),
        ({"delivery_mode": False}, "whole number"),
        ({"priority": -1}, "from 0 to 255"),
        ({"priority": 256}, "from 0 to 255"),
        ({"expiration": -1}, "0 or more"),
        ({"expiration": "-1"}, "0 or more"),
        ({"expiration": "soon"}, "whole milliseconds"),
        ({"expiration": ""}, "whole milliseconds"),
        ({"expiration": "\u0663"}, "whole milliseconds"),
        ({"expiration": True}, "whole milliseconds"),
        ({"expiration": 1.5}, "whole milliseconds"),
        ({"timestamp": -1}, "between 1970 and 9999"),
        ({"timestamp": 253_402_300_800}, "between 1970 and 9999"),
        ({"timestamp": "yesterday"}, "ISO 8601"),
        ({"timestamp": 1.5}, "epoch seconds"),
        ({"timestamp": dt.datetime(1969, 12, 31)}, "between 1970"),
        ({"correlation_id": "c" * 256}, "256 bytes"),
        ({"app_id": 7}, "app_id=7 is no text"),
        ({"user_id": "\ud800"}, "half surrogate pairs"),
        ({"redelivered": None}, "True or False"),
        ({"headers": "a=b"}, "is no table"),
        ({"headers": {"k" * 256: 1}}, "256 bytes"),
        ({"headers": {7: 1}}, "is no text"),
        ({"headers": {"a": {1, 2}}}, "headers['a']={1, 2}: no type of AMQP's fits"),
        ({"headers": {"a": [{"b": object}]}}, "headers['a'][0]['b']"),
        ({"headers": {"a": 2**63}}, "64 bits"),
        ({"headers": {"a": float("nan")}}, "finite float"),
        ({"headers": {"a": "\udfff"}}, "half surrogate pairs"),
        ({"headers": {"a": dt.datetime(1960, 1, 1)}}, "headers['a']"),
        ({"count": 0}, "count=0"),
    ],
)
def test_what_no_publisher_could_send_is_refused(arguments: dict[str, Any], words: str) -> None:
    """The message says what was wrong and what to write."""
    with pytest.raises(UsageError) as caught:
        rabbitmq_event("a", **arguments)
    assert words in str(caught.value)


def test_payloads_that_cannot_travel_are_refused() -> None:
    """No JSON, half a surrogate pair."""
    with pytest.raises(UsageError, match="cannot be sent"):
        rabbitmq_event({1, 2})
    with pytest.raises(UsageError, match="half surrogate pairs"):
        rabbitmq_event("\ud800")


def test_the_native_record_is_a_value() -> None:
    """Its id is made of queue, virtual host and number; equal and hashable by it, frozen, and its body parses."""
    made = make_message({"order": 1}, number=3, queue="q", vhost="/", sent_ms=1, headers={"a": [{"b": "c"}]})
    same = RabbitMqMessage(id="q::/#3", data=b"other", queue="q", vhost="/", sent_ms=9)
    assert made.id == "q::/#3"
    assert made == same
    assert hash(made) == hash(same)
    assert made != RabbitMqMessage(id="q::/#4", data=made.data, queue="q", vhost="/", sent_ms=1)
    assert made != "q::/#3"
    assert made.json() == {"order": 1}
    assert repr(made) == "<RabbitMqMessage q::/#3 b'{\"order\":1}'>"
    long = make_message("a" * 99, number=0, queue="q", vhost="/", sent_ms=1)
    assert repr(long).endswith("aaa...'>")
    with pytest.raises(TypeError):
        made.headers["a"] = 1
    with pytest.raises(TypeError):
        made.headers["a"][0]["b"] = 1


# -- consumers ---------------------------------------------------------------------------------------------------------


def read(*payloads: Any, **arguments: Any) -> Any:
    """The first message as Powertools has it."""
    (found,) = RabbitMQEvent(rabbitmq_event(*payloads, **arguments)).rmq_messages_by_queue.values()
    return found[0]


def test_powertools_reads_our_events() -> None:
    """Everything that its data class has, apart from what the next tests show."""
    event = rabbitmq_event({"order": 1}, correlation_id="c", priority=9, timestamp=0, redelivered=True, expiration=5)
    data = RabbitMQEvent(event)
    assert (data.event_source, data.event_source_arn) == ("aws:rmq", event["eventSourceArn"])
    (found,) = data.rmq_messages_by_queue["orders::/"]
    assert found.json_data == {"order": 1}
    assert found.decoded_data == '{"order":1}'
    assert found.redelivered is True
    basic = found.basic_properties
    assert (basic.content_type, basic.delivery_mode, basic.priority) == ("application/json", 2, 9)
    assert (basic.correlation_id, basic.expiration, basic.timestamp) == ("c", "5", "Jan 1, 1970, 12:00:00 AM")
    assert basic.body_size == len('{"order":1}')
    unset = (basic.content_encoding, basic.headers, basic.reply_to, basic.message_id, basic.get_type)
    assert unset == (None,) * 5
    assert (basic.user_id, basic.app_id, basic.cluster_id) == (None, None, None)


def test_powertools_leaves_header_texts_in_javas_form() -> None:
    """And `bytes` takes no signed bytes, so that a naive handler breaks on the first letter with an accent."""
    value = read("a", headers={"name": "Zoë"}).basic_properties.headers["name"]
    assert value == {"bytes": [90, 111, -61, -85]}
    with pytest.raises(ValueError, match="range"):
        bytes(value["bytes"])
    assert bytes(byte & 255 for byte in value["bytes"]).decode("utf-8") == "Zoë"


def test_powertools_cannot_decode_a_body_that_is_no_text() -> None:
    """Binary or compressed; contentEncoding is not looked at. base64.b64decode(message.data) gives the bytes."""
    found = read(gzip.compress(b"{}", mtime=0), content_encoding="gzip", content_type="application/json")
    with pytest.raises(UnicodeDecodeError):
        _ = found.decoded_data
    with pytest.raises(UnicodeDecodeError):
        _ = found.json_data
    assert gzip.decompress(base64.b64decode(found.data)) == b"{}"


def test_powertools_leaves_the_timestamp_a_text() -> None:
    """Of Java's form, which datetime.fromisoformat does not read."""
    found = read("a", timestamp=2021).basic_properties.timestamp
    with pytest.raises(ValueError, match="isoformat"):
        dt.datetime.fromisoformat(found)


# -- validate ----------------------------------------------------------------------------------------------------------


def test_a_captured_event_is_without_findings() -> None:
    """Nothing but the delivery mode was set."""
    assert identify(CAPTURED).name == "rabbitmq"
    assert validate(CAPTURED) == []


def test_awss_own_sample_has_notes_only() -> None:
    """The broker and the user are the documentation's, and bodySize is not that of the body: 80 for 43 bytes."""
    sample = json.loads((SAMPLES / "rabbitmq.json").read_text(encoding="utf-8"))
    basic = 'rmqMessagesByQueue["pizzaQueue::/"][0].basicProperties'
    assert shown(sample) == [
        ("note", "eventSourceArn"),
        ("note", f"{basic}.bodySize"),
        ("note", f"{basic}.userId"),
    ]
    (size,) = (finding for finding in validate(sample) if finding.path.endswith("bodySize"))
    assert (size.found, size.expected.partition(",")[0]) == ("80", "43")


def test_awss_own_sample_can_be_made_here() -> None:
    """With the true size, and a key order of real events around it."""
    sample = json.loads((SAMPLES / "rabbitmq.json").read_text(encoding="utf-8"))
    made = rabbitmq_event(
        '{"timeout":0,"data":"CZrmf0Gw8Ov4bqLQxD4E"}',
        queue="pizzaQueue",
        broker=sample["eventSourceArn"],
        content_type="text/plain",
        headers={"header1": "value1", "header2": "value2", "numberInHeader": 10},
        delivery_mode=1,
        priority=34,
        expiration=60_000,
        timestamp=2021,
        user_id="AIDACKCEVSQ6C2EXAMPLE",
        overrides={"rmqMessagesByQueue[*][*].basicProperties.bodySize": 80},
    )
    assert made == sample
    assert list(made["rmqMessagesByQueue"]["pizzaQueue::/"][0]["basicProperties"]) == ORDER


def test_an_expiration_as_a_number_is_noted() -> None:
    """An event that a Java program read and wrote again has it."""
    path = "rmqMessagesByQueue[*][*].basicProperties.expiration"
    assert [severity for severity, _ in shown(rabbitmq_event("a", overrides={path: 60_000}))] == ["note"]
    assert [severity for severity, _ in shown(rabbitmq_event("a", overrides={path: -1}))] == ["error"]
    assert [severity for severity, _ in shown(rabbitmq_event("a", overrides={path: "soon"}))] == ["note"]


@pytest.mark.parametrize(
    "headers",
    [
        {"bytes": {"bytes": [1]}},
        {"when": "Feb 29, 2024, 12:00:00 PM"},
        {"table": {"bytes": [1], "more": 2}},
        {"empty": {"bytes": []}},
    ],
)
def test_headers_that_look_odd_may_be_real(headers: Any) -> None:
    """A header called bytes, a time, a table with a list of numbers, an empty text."""
    path = "rmqMessagesByQueue[*][*].basicProperties.headers"
    assert validate(rabbitmq_event("a", overrides={path: headers})) == []


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        ("value", "error"),
        ({"bytes": "dmFsdWU="}, "error"),
        ({"bytes": ["v"]}, "error"),
        ({"bytes": None}, "error"),
        ({"bytes": [195, 169]}, "note"),
        (["value"], "error"),
        ({"inner": {"deep": "value"}}, "error"),
        ({"k" * 256: 1}, "note"),
    ],
)
def test_a_header_in_a_form_that_lambda_never_writes_is_found(value: Any, severity: str) -> None:
    """What handlers break on is an error; bytes above 127 are a note."""
    path = "rmqMessagesByQueue[*][*].basicProperties.headers"
    found = shown(rabbitmq_event("a", overrides={path: {"key": value}}))
    assert {one for one, _ in found} == {severity}


@pytest.mark.parametrize(
    ("key", "value", "severity", "words"),
    [
        ("contentType", 7, "error", "a string"),
        ("appId", "\u00e9" * 128, "note", "at most 255 bytes"),
        ("timestamp", 2021, "error", "a time as Java writes it"),
        ("timestamp", "2023-07-02T01:30:34Z", "note", "Jul 2, 2023, 1:30:34 AM"),
        ("timestamp", "Jul 2, 2023, 1:30:34\u202fAM", "note", "Jul 2, 2023, 1:30:34 AM"),
        ("timestamp", "Feb 30, 2023, 1:30:34 AM", "note", "a time as Java writes it"),
        ("deliveryMode", 3, "error", "1 or 2"),
        ("priority", 256, "note", "from 0 to 255"),
        ("bodySize", 80, "note", "1, the number of bytes in data"),
        ("bodySize", None, "error", "the number of bytes in data"),
        ("userId", "AIDACKCEVSQ6C2EXAMPLE", "note", "a documentation sample's"),
    ],
)
def test_one_wrong_value_gives_one_finding(key: str, value: Any, severity: str, words: str) -> None:
    """At its own place."""
    path = f'rmqMessagesByQueue["orders::/"][0].basicProperties.{key}'
    (found,) = validate(rabbitmq_event("a", overrides={path: value}))
    assert (found.severity, found.path) == (severity, path)
    assert words in found.expected


@pytest.mark.parametrize("key", ["orders", "::/", "orders::", "orders:/"])
def test_a_key_is_a_queue_and_a_virtual_host(key: str) -> None:
    """Another form is a note."""
    event = rabbitmq_event("a")
    event["rmqMessagesByQueue"] = {key: event["rmqMessagesByQueue"]["orders::/"]}
    ((severity, path),) = shown(event)
    assert (severity, json.dumps(key) in path or path.endswith(key)) == ("note", True)


def test_a_mapping_has_one_queue() -> None:
    """Two lists are two mappings' events."""
    event = rabbitmq_event("a")
    event["rmqMessagesByQueue"]["elsewhere::/"] = event["rmqMessagesByQueue"]["orders::/"]
    assert shown(event) == [("note", 'rmqMessagesByQueue["elsewhere::/"]')]


names = st.sampled_from([*ORDER, "bytes", "a::b", "redelivered", "data", "basicProperties"])
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["/w==", "Feb 30, 2023, 1:30:34 AM", "arn:aws:mq:::broker:b-", "\ud800"]),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(names, one, max_size=4),
    max_leaves=12,
)


@settings(max_examples=2 * settings().max_examples)
@given(data=st.data())
def test_whatever_json_is_asked_about_is_answered(data: st.DataObject) -> None:
    """Nothing raises, whether a value is wrong somewhere or nothing is right."""
    event = rabbitmq_event("a", headers={"key": "value"})
    first = event["rmqMessagesByQueue"]["orders::/"][0]
    value = data.draw(json_values)
    where = data.draw(st.sampled_from(["queues", "list", "message", "properties", "property", "header"]))
    if where == "queues":
        event["rmqMessagesByQueue"] = value
    elif where == "list":
        event["rmqMessagesByQueue"]["orders::/"] = value
    elif where == "message":
        event["rmqMessagesByQueue"]["orders::/"] = [value]
    elif where == "properties":
        first["basicProperties"] = value
    elif where == "property":
        first["basicProperties"][data.draw(st.sampled_from(ORDER))] = value
    else:
        first["basicProperties"]["headers"]["key"] = value
    validate(event)
    validate({"eventSource": "aws:rmq", "rmqMessagesByQueue": value})
