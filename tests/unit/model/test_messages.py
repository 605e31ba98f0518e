"""An SQS message by itself: sums, sizes, and what SQS refuses, in its words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.messages import (
    MAXIMUM_MESSAGE_BYTES,
    attributes_from,
    check_group_id,
    check_message,
    md5_of_attributes,
    md5_of_body,
    message_size,
    trace_header_from,
)
from pytest_lambda_events.model.queue_attributes import check_queue_attributes, check_queue_name
from pytest_lambda_events.model.refusal import Refusal


def check(body: str = "a", attributes: Any = None, **options: Any) -> Any:
    return check_message(body, attributes, **{"delay_seconds": None, "maximum_bytes": MAXIMUM_MESSAGE_BYTES, **options})


def text(value: str, data_type: str = "String") -> dict[str, Any]:
    return {"DataType": data_type, "StringValue": value}


def refusal(call: Any, *args: Any, **kwargs: Any) -> tuple[str, str]:
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    return caught.value.code, caught.value.message


# -- checksums --------------------------------------------------------------------------------------------------------


def test_md5_of_a_body_is_over_utf_8() -> None:
    """Two bodies with their sums as seen on AWS."""
    assert md5_of_body("msg") == "6e2baaf3b97dbeef01c0043275f9a0e7"
    assert md5_of_body("ä") == "8419b71c87a225a2c70b50486fbee545"


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (
            {
                "Title": text("The Whistler"),
                "Author": text("John Grisham"),
                "WeeksOn": text("6", "Number"),
            },
            "d25a6aea97eb8f585bfa92d314504a92",
        ),
        ({"Hello": text("There")}, "a311262e065454b75da111d535b8dacd"),
        ({"Hello": text("There"), "General": text("Kenobi")}, "fca026605781cb4126a1e9044df24232"),
        ({"UserId": text("1234567890123456789012", "Number.bigint")}, "797ab158d73dcb5242dedc4412c8e855"),
        (
            {
                "attr1": {
                    "DataType": "Binary",
                    "BinaryValue": b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01",
                }
            },
            "8cbe4db156db8a94db8b801b7addb984",
        ),
    ],
)
def test_md5_of_attributes_is_aws_s(attributes: Any, expected: str) -> None:
    """Sums that AWS answered with: text, numbers with a label, bytes."""
    assert md5_of_attributes(attributes) == expected


# -- plain values -----------------------------------------------------------------------------------------------------


def test_plain_values_become_attributes() -> None:
    """Text is a String, numbers are Numbers, bytes are Binary, the API's own form stays as it is."""
    own = {"DataType": "String.mine", "StringValue": "x"}
    assert attributes_from({"s": "x", "i": 3, "f": 1.5, "d": Decimal("2.50"), "b": b"\x00", "own": own}) == {
        "s": text("x"),
        "i": text("3", "Number"),
        "f": text("1.5", "Number"),
        "d": text("2.50", "Number"),
        "b": {"DataType": "Binary", "BinaryValue": b"\x00"},
        "own": own,
    }


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"DataType": "String", "StringValue": 5}, "StringValue is a str, not 5"),
        ({"DataType": 5, "StringValue": "x"}, "DataType is a str, not 5"),
        ({"DataType": "Binary", "BinaryValue": "x"}, "BinaryValue is bytes, not 'x'"),
    ],
)
def test_members_of_the_apis_form_have_their_types(value: Any, words: str) -> None:
    """What botocore would not send is refused, whoever sends it."""
    with pytest.raises(UsageError, match=f"message attribute 'a': {words}"):
        attributes_from({"a": value})


def test_a_name_of_an_attribute_is_text() -> None:
    """JSON has no other names."""
    with pytest.raises(UsageError, match="message attribute 5: a name is a str"):
        attributes_from({5: "x"})  # type: ignore[dict-item]


@pytest.mark.parametrize("value", [True, None, ["x"], {"StringValue": "x"}])
def test_values_without_an_attribute_type_are_a_usage_error(value: object) -> None:
    """A bool most of all: SQS has none, and nobody can say which text was meant."""
    with pytest.raises(UsageError, match="message attribute 'flag' is a"):
        attributes_from({"flag": value})


# -- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("0012.3400", "12.34"),
        ("6", "6"),
        ("-0", "0"),
        ("-0.50", "-0.5"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("100", "100"),
        ("1e3", "1000"),
        ("1.50E-3", "0.0015"),
        ("0e999", "0"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("1e125", "1" + "0" * 125),
    ],
)
def test_numbers_are_kept_in_their_shortest_form(given_text: str, kept: str) -> None:
    """As recorded: zeros that say nothing go; the type keeps its label."""
    assert check(attributes={"n": text(given_text, "Number.x")}) == {"n": text(kept, "Number.x")}


@pytest.mark.parametrize(
    "given_text", ["world", "1_000", " 1", "1,5", "0x10", "NaN", "Infinity", "1e127", "1e-200", "1" * 39, "٣"]
)
def test_what_is_no_number_is_refused(given_text: str) -> None:
    """Python would take some of these."""
    words = "Can't cast the value of message (user) attribute 'n' to a number."
    assert refusal(check, attributes={"n": text(given_text, "Number")}) == ("InvalidParameterValue", words)


@pytest.mark.parametrize("given_text", ["1" * 38, "1." + "2" * 37, "-0.000" + "1" * 38, "1" * 38 + "000"])
def test_a_number_has_at_most_thirty_eight_digits(given_text: str) -> None:
    """Those that say something: neither its point, nor the zeros around them."""
    assert check(attributes={"n": text(given_text, "Number")})["n"]["StringValue"] == given_text
    with pytest.raises(Refusal, match="to a number"):
        check(attributes={"n": text(given_text.replace("1", "11", 1), "Number")})


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6))
def test_a_number_keeps_its_value_and_its_form(number: Decimal) -> None:
    """Shortening changes no value, and shortening again changes nothing."""
    kept = check(attributes={"n": text(str(number), "Number")})["n"]["StringValue"]
    assert Decimal(kept) == number
    assert check(attributes={"n": text(kept, "Number")})["n"]["StringValue"] == kept


# -- what SQS refuses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"": text("x")}, "The request must contain non-empty message (user) attribute names."),
        ({"a" * 257: text("x")}, "Message (user) attribute name must be shorter than 256 bytes."),
        ({"AWS.x": text("x")}, "You can't use message attribute names beginning with 'AWS.' or 'Amazon'."),
        ({"amazon.x": text("x")}, "You can't use message attribute names beginning with 'AWS.' or 'Amazon'."),
        ({"a b": text("x")}, "The message attribute name 'a b' is invalid."),
        ({".a": text("x")}, "The message attribute name '.a' is invalid."),
        ({"a.": text("x")}, "The message attribute name 'a.' is invalid."),
        ({"a..b": text("x")}, "The message attribute name 'a..b' is invalid."),
        ({"a": {}}, "The message (user) attribute 'a' must contain a non-empty message attribute value."),
        ({"a": text("")}, "Message (user) attribute 'a' must contain a non-empty value of type 'String'."),
        (
            {"a": {"DataType": "Binary", "StringValue": "x"}},
            "Message (user) attribute 'a' must contain a non-empty value of type 'Binary'.",
        ),
        ({"a": text("x", "Bool")}, "The type of message (user) attribute 'a' is invalid."),
        ({"a": text("x", "string")}, "The type of message (user) attribute 'a' is invalid."),
        ({"a": text("x", "String.")}, "The type of message (user) attribute 'a' is invalid."),
        ({"a": text("x", "String." + "b" * 250)}, "Message (user) attribute type must be shorter than 256 bytes."),
        (
            {"a": {"DataType": "StringList", "StringListValues": ["x"]}},
            "Message attribute list values in SendMessage operation are not supported.",
        ),
    ],
)
def test_attributes_are_refused_in_aws_s_words(attributes: Any, words: str) -> None:
    """Names, types and values."""
    code, message = refusal(check, attributes=attributes)
    assert (code, words) == ("InvalidParameterValue", message[: len(words)])


def test_what_says_all_has_no_hint() -> None:
    """AWS's words, and nothing of ours behind them."""
    with pytest.raises(Refusal) as caught:
        check(attributes={"a": text("x", "Bool")})
    assert caught.value.hint == ""


def test_control_characters_are_refused_in_attributes_too() -> None:
    """And the hint says where."""
    with pytest.raises(Refusal, match="InvalidMessageContents") as caught:
        check(attributes={"a": text("x\x07")})
    assert (
        caught.value.hint == "message attribute 'a' has U+0007 at position 1; encode binary data, in base64 for example"
    )


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_bodies_may_hold_xml_s_characters_only(character: str) -> None:
    """#x9, #xA, #xD, #x20 to #xD7FF, #xE000 to #xFFFD, #x10000 to #x10FFFF."""
    assert refusal(check, f"before{character}")[0] == "InvalidMessageContents"


@pytest.mark.parametrize("character", ["\t", "\n", "\r", " ", "\x7f", "\ud7ff", "\ue000", "\ufffd", "\U0010ffff"])
def test_the_ends_of_the_ranges_are_in(character: str) -> None:
    """The same list, from inside."""
    assert check(character) == {}


@pytest.mark.parametrize("delay", [-1, 901])
def test_delays_are_0_to_900(delay: int) -> None:
    """Both ends refused with the value in the words."""
    words = f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
    assert refusal(check, delay_seconds=delay) == ("InvalidParameterValue", words)


@pytest.mark.parametrize("delay", [None, 0, 900])
def test_delays_in_range_are_taken(delay: int | None) -> None:
    """None leaves it to the queue."""
    assert check(delay_seconds=delay) == {}


def test_size_counts_bytes_of_body_names_types_and_values() -> None:
    """4 + 1 + 6 + 2 bytes, and 2 + 6 + 3."""
    attributes = {"ä": text("xy"), "b": {"DataType": "Binary", "BinaryValue": b"\x00\x01\x02"}}
    assert message_size("\U0001f600", attributes) == 4 + (2 + 6 + 2) + (1 + 6 + 3)
    words = "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."
    assert refusal(check, "ä" * 512 + "x", maximum_bytes=1024) == ("InvalidParameterValue", words)
    assert check("ä" * 512, maximum_bytes=1024) == {}


def test_group_ids() -> None:
    """1 to 128 letters, digits and punctuation."""
    check_group_id("tenant-1/" + "~" * 119)
    for wrong in ("", "a b", "x" * 129, "ä"):
        assert refusal(check_group_id, wrong)[0] == "InvalidParameterValue"
    with pytest.raises(UsageError, match="MessageGroupId is a str, not 5"):
        check_group_id(5)  # type: ignore[arg-type]


def test_system_attributes_are_the_trace_header_or_refused() -> None:
    """AWSTraceHeader, a String, and nothing else."""
    assert trace_header_from(None) is None
    assert trace_header_from({"AWSTraceHeader": text("Root=1")}) == "Root=1"
    assert trace_header_from({"AWSTraceHeader": "Root=1"}) == "Root=1"
    assert refusal(trace_header_from, {"Hello": text("x")})[1] == "Message system attribute name 'Hello' is invalid."
    assert refusal(trace_header_from, {"AWSTraceHeader": text("1", "Number")})[0] == "InvalidParameterValue"


# -- queue attributes -------------------------------------------------------------------------------------------------

ARN = "arn:aws:sqs:eu-west-1:123456789012:dead"


def test_queue_attributes_become_texts() -> None:
    """Ints, bools and dicts are what people write."""
    assert check_queue_attributes(
        {
            "VisibilityTimeout": 30,
            "DelaySeconds": "5",
            "SqsManagedSseEnabled": True,
            "RedrivePolicy": {"deadLetterTargetArn": ARN, "maxReceiveCount": 3},
        },
        fifo=False,
    ) == {
        "VisibilityTimeout": "30",
        "DelaySeconds": "5",
        "SqsManagedSseEnabled": "true",
        "RedrivePolicy": f'{{"deadLetterTargetArn":"{ARN}","maxReceiveCount":3}}',
    }
    assert check_queue_attributes({"RedrivePolicy": ""}, fifo=False) == {"RedrivePolicy": ""}
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": False, "DeduplicationScope": "messageGroup"}
    assert check_queue_attributes(fifo, fifo=True) == {**fifo, "ContentBasedDeduplication": "false"}


@pytest.mark.parametrize(
    ("attributes", "code", "words"),
    [
        ({"VisibilityTimeout": 43_201}, "InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout."),
        ({"VisibilityTimeout": " 2"}, "InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout."),
        ({"VisibilityTimeout": True}, "InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout."),
        ({"DelaySeconds": ""}, "InvalidAttributeValue", "Invalid value for the parameter DelaySeconds."),
        ({"MaximumMessageSize": 1023}, "InvalidAttributeValue", "Invalid value for the parameter MaximumMessageSize."),
        (
            {"SqsManagedSseEnabled": "yes"},
            "InvalidAttributeValue",
            "Invalid value for the parameter SqsManagedSseEnabled.",
        ),
        ({"Visibility": 1}, "InvalidAttributeName", "Unknown Attribute Visibility."),
        ({"QueueArn": "x"}, "InvalidAttributeName", "Unknown Attribute QueueArn."),
        ({"FifoQueue": "false"}, "InvalidAttributeName", "Unknown Attribute FifoQueue."),
    ],
)
def test_queue_attributes_are_refused_in_aws_s_words(attributes: Any, code: str, words: str) -> None:
    """Names and values."""
    assert refusal(check_queue_attributes, attributes, fifo=False) == (code, words)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("visibilitytimeout", "did you mean VisibilityTimeout?"),
        ("RetentionPeriod", "did you mean MessageRetentionPeriod?"),
        (
            "FifoQueue",
            "FifoQueue is for FIFO queues only; a standard queue does without it, also without FifoQueue='false'",
        ),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(wrong: str, hint: str) -> None:
    """The hint is ours, and apart from AWS's words."""
    with pytest.raises(Refusal) as caught:
        check_queue_attributes({wrong: "1"}, fifo=False)
    assert caught.value.hint == hint


@pytest.mark.parametrize("value", [{"maxReceiveCount": Decimal(3)}, {"maxReceiveCount": {1}}])
def test_a_policy_that_is_no_json_is_a_usage_error(value: Any) -> None:
    """The name says which."""
    with pytest.raises(UsageError, match="queue attribute RedrivePolicy: the policy cannot be written as JSON"):
        check_queue_attributes({"RedrivePolicy": value}, fifo=False)


@pytest.mark.parametrize("name", ["RedrivePolicy", "RedriveAllowPolicy"])
def test_a_policy_without_a_bottom_is_no_policy(name: str) -> None:
    """Python's reader gives up on it."""
    with pytest.raises(Refusal, match=name):
        check_queue_attributes({name: "[" * 100_000}, fifo=False)


def test_a_value_without_a_text_is_a_usage_error() -> None:
    """Nothing is guessed."""
    with pytest.raises(UsageError, match=r"queue attribute VisibilityTimeout=1\.5 has no text"):
        check_queue_attributes({"VisibilityTimeout": 1.5}, fifo=False)


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("{}", "Redrive policy does not contain mandatory attribute: maxReceiveCount."),
        ('{"maxReceiveCount":5}', "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."),
        (
            f'{{"deadLetterTargetArn":"{ARN}","maxReceiveCount":0}}',
            "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.",
        ),
        (
            f'{{"deadLetterTargetArn":"{ARN}","maxReceiveCount":"many"}}',
            "Invalid value for maxReceiveCount: many, valid values are from 1 to 1000 both inclusive.",
        ),
        ('{"deadLetterTargetArn": "dummy", "maxReceiveCount": 42}', "Invalid value for deadLetterTargetArn."),
        (
            '{"deadLetterTargetArn":"arn:aws:sns:us-east-1:123456789012:MyTopic","maxReceiveCount":5}',
            "Only SQS queues are valid resources for deadLetterTargetArn.",
        ),
        (
            f'{{"deadLetterTargetArn":"{ARN}.fifo","maxReceiveCount":5}}',
            "Dead-letter queue must be same type of queue as the source..",
        ),
        (
            f'{{"deadLetterTargetArn":"{ARN}","maxReceiveCount":5,"dummyField":"x"}}',
            "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].",
        ),
    ],
)
def test_redrive_policies_are_refused_in_aws_s_words(policy: str, reason: str) -> None:
    """The whole policy is in the words."""
    words = f"Value {policy} for parameter RedrivePolicy is invalid. Reason: {reason}"
    assert refusal(check_queue_attributes, {"RedrivePolicy": policy}, fifo=False) == ("InvalidParameterValue", words)


@pytest.mark.parametrize("policy", [" ", "4", "[]"])
def test_a_redrive_policy_is_a_json_map(policy: str) -> None:
    """Anything else has words of its own."""
    words = "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map."
    assert refusal(check_queue_attributes, {"RedrivePolicy": policy}, fifo=False) == ("InvalidAttributeValue", words)


@pytest.mark.parametrize(
    ("name", "fifo", "taken"),
    [
        ("a" * 80, False, True),
        ("a" * 81, False, False),
        ("orders_1-x", False, True),
        ("orders.fifo", False, False),
        ("orders.fifo", True, True),
        ("a" * 75 + ".fifo", True, True),
        ("a" * 76 + ".fifo", True, False),
        ("orders", True, False),
        ("", False, False),
    ],
)
def test_queue_names(name: str, *, fifo: bool, taken: bool) -> None:
    """80 characters in all; `.fifo` goes with FifoQueue, both ways."""
    if taken:
        check_queue_name(name, fifo=fifo)
    else:
        assert refusal(check_queue_name, name, fifo=fifo)[0] == "InvalidParameterValue"
