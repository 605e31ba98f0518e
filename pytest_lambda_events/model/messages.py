"""What an SQS message may be: its body, its attributes, its checksums. The law: pure; refuses in SQS's own words.

Rules: API reference, SendMessage; Developer Guide, "Amazon SQS message metadata" and "message quotas"; MD5 as recorded
(docs/fidelity.md, "SQS event"). Words marked [?] below were not found in a recording.
"""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.records import NO_ATTRIBUTES
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MAXIMUM_MESSAGE_BYTES",
    "attributes_from",
    "check_attempt_id",
    "check_deduplication_id",
    "check_group_id",
    "check_message",
    "content_deduplication_id",
    "md5_of_attributes",
    "md5_of_body",
    "message_size",
    "trace_header_from",
]

MAXIMUM_MESSAGE_BYTES: Final = 1_048_576
"""1 MiB, since August 2025; also the most that one batch may hold."""

_MOST_ATTRIBUTES: Final = 10
_LONGEST_NAME_BYTES: Final = 256
_LONGEST_DELAY_SECONDS: Final = 900
_MOST_DIGITS: Final = 38
_NUMBER_MAGNITUDES: Final = range(-128, 127)  # powers of ten, as in Developer Guide, "message attribute data types"

_MEMBERS: Final[tuple[tuple[str, tuple[type, ...], str], ...]] = (
    ("DataType", (str,), "a str"),
    ("StringValue", (str,), "a str"),
    ("BinaryValue", (bytes, bytearray, memoryview), "bytes"),
)
"""What a member of MessageAttributeValue has to be."""

_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_RESERVED = re.compile(r"(?:aws|amazon)\.", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_FIFO_ID = re.compile(r"""[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}""")


@cache
def _forbidden_characters() -> re.Pattern[str]:
    """Everything but XML 1.0's characters; surrogates are no characters at all.

    Compiled when the first text asks for it, because that takes longer than the rest of this module, and few texts do.
    """
    return re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def md5_of_body(body: str) -> str:
    """MD5OfMessageBody, md5OfBody: over the UTF-8 bytes."""
    return hashlib.md5(body.encode("utf-8"), usedforsecurity=False).hexdigest()


def md5_of_attributes(attributes: Mapping[str, Mapping[str, Any]]) -> str:
    """MD5OfMessageAttributes: for sorted names, length-prefixed name and full data type, 1 or 2, length-prefixed value.

    Lengths are four bytes, big-endian; 1 stands before text (String, Number), 2 before bytes (Binary).
    """
    parts: list[bytes] = []
    for name in sorted(attributes):
        value = attributes[name]
        data_type: str = value["DataType"]
        if data_type.startswith("Binary"):
            kind, content = b"\x02", bytes(value["BinaryValue"])
        else:
            kind, content = b"\x01", value["StringValue"].encode("utf-8")
        for text in (name.encode("utf-8"), data_type.encode("utf-8")):
            parts += (len(text).to_bytes(4, "big"), text)
        parts += (kind, len(content).to_bytes(4, "big"), content)
    return hashlib.md5(b"".join(parts), usedforsecurity=False).hexdigest()


def attributes_from(values: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Message attributes in the API's form, from plain values: str, int, float, Decimal, bytes, or that form itself.

    Errors: `UsageError` for anything else, bool included: SQS has no boolean, and each guess at one would be wrong for
    somebody.
    """
    for name in values:
        if not isinstance(name, str):
            raise UsageError(f"message attribute {name!r:.80}: a name is a str, not a {type(name).__name__}")
    return {name: _attribute_from(name, value) for name, value in values.items()}


def _attribute_from(name: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": value}
    if isinstance(value, (bytes, bytearray)):
        return {"DataType": "Binary", "BinaryValue": bytes(value)}
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return {"DataType": "Number", "StringValue": str(value)}
    if isinstance(value, dict) and "DataType" in value:
        for member, types, words in _MEMBERS:
            found = value.get(member)
            if found is not None and not isinstance(found, types):
                raise UsageError(f"message attribute {name!r}: {member} is {words}, not {found!r:.80}")
        return value
    raise UsageError(
        f"message attribute {name!r} is a {type(value).__name__}: {value!r:.100}. SQS has String, Number and Binary: "
        "give a str, a number or bytes, or the API's own form {'DataType': 'String', 'StringValue': 'x'}"
    )


def check_message(
    body: str, attributes: Mapping[str, Mapping[str, Any]] | None, *, delay_seconds: int | None, maximum_bytes: int
) -> Mapping[str, Mapping[str, Any]]:
    """The attributes as SQS keeps them: checked, Number values in their shortest form ("0012.3400" is "12.34").

    `maximum_bytes` is the queue's MaximumMessageSize. Errors: `Refusal`, as SendMessage answers; `UsageError` for a
    delay that is no whole number.
    """
    if not body:
        raise Refusal(
            "MissingParameter",
            "The request must contain the parameter MessageBody.",
            "SQS takes no empty body; send at least one character",
        )
    # the two methods together are ten times as fast as the expression, and true of most bodies
    if not (body.isascii() and body.isprintable()) and _forbidden_characters().search(body) is not None:
        raise _forbidden(body, "the body")
    if delay_seconds is not None and (isinstance(delay_seconds, bool) or not isinstance(delay_seconds, int)):
        raise UsageError(f"delay_seconds={delay_seconds!r:.80}: DelaySeconds is a whole number")
    if delay_seconds is not None and not 0 <= delay_seconds <= _LONGEST_DELAY_SECONDS:
        raise Refusal(
            "InvalidParameterValue",
            f"Value {delay_seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= "
            f"{_LONGEST_DELAY_SECONDS}.",
        )
    kept = _check_attributes(attributes) if attributes else NO_ATTRIBUTES
    # UTF-8 needs at most four bytes for a character: most messages need not be encoded to know that they fit
    if len(body) * 4 > maximum_bytes or kept:
        size = message_size(body, attributes or NO_ATTRIBUTES)
        if size > maximum_bytes:
            raise Refusal(
                "InvalidParameterValue",
                f"One or more parameters are invalid. Reason: Message must be shorter than {maximum_bytes} bytes.",
                f"it has {size} bytes: the body in UTF-8, and the names, types and values of its attributes",
            )
    return kept


def message_size(body: str, attributes: Mapping[str, Mapping[str, Any]]) -> int:
    """What SQS counts: bytes of the body in UTF-8, and of the attributes' names, data types and values."""
    size = len(body) if body.isascii() else len(body.encode("utf-8", "surrogatepass"))
    for name, value in attributes.items():
        content = value.get("BinaryValue") or (value.get("StringValue") or "").encode("utf-8", "surrogatepass")
        size += len(name.encode("utf-8")) + len((value.get("DataType") or "").encode("utf-8")) + len(content)
    return size


def check_group_id(group_id: str) -> None:
    """MessageGroupId: 1 to 128 letters, digits and punctuation. Errors: `Refusal`."""
    _check_fifo_id("MessageGroupId", group_id)


def check_deduplication_id(deduplication_id: str) -> None:
    """MessageDeduplicationId: 1 to 128 letters, digits and punctuation. Errors: `Refusal`."""
    _check_fifo_id("MessageDeduplicationId", deduplication_id)


def check_attempt_id(attempt_id: str) -> None:
    """ReceiveRequestAttemptId: 1 to 128 letters, digits and punctuation. Errors: `Refusal`."""
    _check_fifo_id("ReceiveRequestAttemptId", attempt_id)  # [?] the words


def _check_fifo_id(name: str, value: str) -> None:
    if not isinstance(value, str):
        raise UsageError(f"{name} is a str, not {value!r:.80}")
    if _FIFO_ID.fullmatch(value) is None:
        raise _invalid(
            f"Value {value} for parameter {name} is invalid. Reason: {name} can only include alphanumeric and "
            "punctuation characters. 1 to 128 in length."
        )


def content_deduplication_id(body: str) -> str:
    """What ContentBasedDeduplication makes of a body: SHA-256 of its bytes; attributes do not count."""
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def trace_header_from(attributes: Mapping[str, Any] | None) -> str | None:
    """The X-Ray header out of MessageSystemAttributes, where AWSTraceHeader is all that may be. Errors: `Refusal`."""
    header = None
    for name, value in (attributes or {}).items():
        if name != "AWSTraceHeader":
            raise _invalid(
                f"Message system attribute name '{name}' is invalid.", "AWSTraceHeader is the only one there is"
            )
        if isinstance(value, str):
            header = value
        elif value.get("DataType") == "String" and value.get("StringValue"):
            header = value["StringValue"]
        else:
            raise _invalid(  # [?]
                "Message system attribute 'AWSTraceHeader' must contain a non-empty value of type 'String'.",
                "DataType must be String, and StringValue an X-Ray trace header",
            )
    return header


def _check_attributes(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    if len(attributes) > _MOST_ATTRIBUTES:
        raise _invalid(f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [10].")
    return {name: _check_attribute(name, value) for name, value in attributes.items()}


def _check_attribute(name: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    _check_name(name)
    data_type = value.get("DataType")
    if not data_type:
        raise _invalid(f"The message (user) attribute '{name}' must contain a non-empty message attribute value.")
    if value.get("StringListValues") or value.get("BinaryListValues"):
        raise _invalid("Message attribute list values in SendMessage operation are not supported.")
    kind, _, label = data_type.partition(".")
    if kind not in ("String", "Number", "Binary") or (data_type.endswith(".") and not label):
        raise _invalid(
            f"The type of message (user) attribute '{name}' is invalid. You must use only the following supported type "
            "prefixes: Binary, Number, String."
        )
    if len(data_type.encode("utf-8")) > _LONGEST_NAME_BYTES:
        raise _invalid("Message (user) attribute type must be shorter than 256 bytes.")
    field = "BinaryValue" if kind == "Binary" else "StringValue"
    content = value.get(field)
    if not content:
        raise _invalid(f"Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'.")
    if kind == "Binary":
        return {"DataType": data_type, field: bytes(content)}
    if _forbidden_characters().search(content) is not None:
        raise _forbidden(content, f"message attribute {name!r}")
    return {"DataType": data_type, field: _shortest(name, content) if kind == "Number" else content}


def _check_name(name: str) -> None:
    if not name:
        raise _invalid("The request must contain non-empty message (user) attribute names.")
    if len(name.encode("utf-8")) > _LONGEST_NAME_BYTES:
        raise _invalid("Message (user) attribute name must be shorter than 256 bytes.")
    if _RESERVED.match(name) is not None:
        raise _invalid(
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon'. These strings are reserved for "
            "internal use."
        )
    if _NAME.fullmatch(name) is None:
        raise _invalid(  # [?]
            f"The message attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore "
            "(_), hyphen (-), and period (.) characters.",
            "a period may neither begin nor end it, nor follow another",
        )


def _shortest(name: str, text: str) -> str:
    """A Number the way SQS keeps it: no exponent, no zeros that say nothing."""
    refused = _invalid(
        f"Can't cast the value of message (user) attribute '{name}' to a number.",
        f"{text!r:.60} is not a decimal number of at most {_MOST_DIGITS} digits between 10^-128 and 10^126",
    )
    if _NUMBER.fullmatch(text) is None:
        raise refused
    try:
        number = Decimal(text)
    except InvalidOperation:  # pragma: no cover - the grammar above is narrower than Decimal's
        raise refused from None
    plain = ""
    if number == 0:
        return "0"
    if number.adjusted() in _NUMBER_MAGNITUDES:
        plain = format(number, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    significant = plain.lstrip("-0.").replace(".", "").rstrip("0")
    if not plain or len(significant) > _MOST_DIGITS:
        raise refused
    return plain


def _invalid(message: str, hint: str = "") -> Refusal:
    return Refusal("InvalidParameterValue", message, hint)


def _forbidden(text: str, where: str) -> Refusal:
    found = _forbidden_characters().search(text)
    at = found.start() if found else 0
    return Refusal(
        "InvalidMessageContents",
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | "
        "#x10000 to #x10FFFF",
        f"{where} has U+{ord(text[at]):04X} at position {at}; encode binary data, in base64 for example",
    )
