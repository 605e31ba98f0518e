"""What CreateQueue and SetQueueAttributes accept. The law: a table of names and ranges; refuses in SQS's own words.

Rules: API reference, CreateQueue and SetQueueAttributes; words as recorded on AWS, but for those marked [?].
"""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_queue_attributes", "check_queue_name", "check_redrive_allow_policy", "check_redrive_policy"]

_RANGES: Final = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1_024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
_CHOICES: Final = {
    "ContentBasedDeduplication": ("true", "false"),
    "DeduplicationScope": ("messageGroup", "queue"),
    "FifoQueue": ("true",),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
    "SqsManagedSseEnabled": ("true", "false"),
}
_FIFO_ONLY: Final = ("ContentBasedDeduplication", "DeduplicationScope", "FifoQueue", "FifoThroughputLimit")
_FREE: Final = ("KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy")
_NAMES: Final = (*_RANGES, *_CHOICES, *_FREE)

_PERMISSIONS: Final = ("allowAll", "denyAll", "byQueue")
_MOST_SOURCES: Final = 10

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_FIFO_NAME = re.compile(r"[A-Za-z0-9_-]{1,75}\.fifo")
_ARN = re.compile(r"arn:[a-z-]+:([a-z0-9-]+):[a-z0-9-]*:[0-9]*:\S+")


def check_queue_name(name: str, *, fifo: bool) -> None:
    """Errors: `Refusal` for a name that CreateQueue does not take."""
    if (_FIFO_NAME if fifo else _NAME).fullmatch(name) is None:
        if fifo:
            message = (
                "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end "
                "with .fifo suffix and be 1 to 80 in length."
            )
        else:
            message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        hint = f"not {name!r:.100}"
        if name.endswith(".fifo"):
            hint = "a name that ends in .fifo also needs FifoQueue='true'"
        raise Refusal("InvalidParameterValue", message, hint)


def check_queue_attributes(
    attributes: Mapping[str, Any], *, fifo: bool, present: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The attributes as the texts that the API takes; `fifo` says which kind of queue they are for.

    Takes what people write: ints, bools, and dicts for policies. `present` are those that the queue has already.
    Errors: `Refusal`, as CreateQueue and SetQueueAttributes answer; `UsageError` for a value that has no text.
    """
    checked = {name: _text(name, value) for name, value in attributes.items()}
    for name, value in checked.items():
        _check(name, value, fifo=fifo)
    after = {**(present or {}), **checked}
    if after.get("FifoThroughputLimit") == "perMessageGroupId" and after.get("DeduplicationScope") != "messageGroup":
        raise Refusal(  # [?]
            "InvalidAttributeValue",
            "Invalid value for the parameter FifoThroughputLimit. Reason: The perMessageGroupId value is allowed only "
            "when the value for DeduplicationScope is messageGroup.",
        )
    return checked


def _check(name: str, value: str, *, fifo: bool) -> None:
    if name not in _NAMES or (name in _FIFO_ONLY and not fifo):
        raise Refusal("InvalidAttributeName", f"Unknown Attribute {name}.", _nearest(name))
    limits = _RANGES.get(name)
    if limits is not None:
        lowest, highest = limits
        if _INTEGER.fullmatch(value) is None or not lowest <= int(value) <= highest:
            raise Refusal(
                "InvalidAttributeValue",
                f"Invalid value for the parameter {name}.",
                f"{name} is a whole number from {lowest} to {highest}, not {value!r:.60}",
            )
    elif name == "FifoQueue" and value != "true":
        raise Refusal(
            "InvalidAttributeValue",
            "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
        )
    elif name in _CHOICES and value not in _CHOICES[name]:
        raise Refusal(
            "InvalidAttributeValue",
            f"Invalid value for the parameter {name}.",
            f"{name} is one of {', '.join(_CHOICES[name])}, not {value!r:.60}",
        )
    elif name == "RedrivePolicy" and value:  # SetQueueAttributes takes the policy away with an empty text
        check_redrive_policy(value, fifo=fifo)
    elif name == "RedriveAllowPolicy" and value:
        check_redrive_allow_policy(value)


def check_redrive_policy(text: str, *, fifo: bool) -> dict[str, Any]:
    """The parsed policy. Whether its target exists is for the caller to find out. Errors: `Refusal`."""
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError):
        policy = None
    if not isinstance(policy, dict):
        raise Refusal(
            "InvalidAttributeValue",
            "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map.",
        )
    for name in ("maxReceiveCount", "deadLetterTargetArn"):
        if name not in policy:
            raise _bad_policy(text, f"Redrive policy does not contain mandatory attribute: {name}.")
    if len(policy) > 2:  # noqa: PLR2004 - the two above
        raise _bad_policy(text, "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].")
    count = policy["maxReceiveCount"]
    if _INTEGER.fullmatch(str(count)) is None or not 1 <= int(count) <= 1000:  # noqa: PLR2004 - as the message says
        raise _bad_policy(
            text, f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
        )
    target = str(policy["deadLetterTargetArn"])
    arn = _ARN.fullmatch(target)
    if arn is None:
        raise _bad_policy(text, "Invalid value for deadLetterTargetArn.")
    if arn.group(1) != "sqs":
        raise _bad_policy(text, "Only SQS queues are valid resources for deadLetterTargetArn.")
    if target.endswith(".fifo") is not fifo:
        raise _bad_policy(text, "Dead-letter queue must be same type of queue as the source..")  # both dots are SQS's
    return policy


def check_redrive_allow_policy(text: str) -> dict[str, Any]:
    """The parsed policy: who may name the queue as its dead-letter queue. Errors: `Refusal`."""
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError):
        policy = None
    arns = policy.get("sourceQueueArns") if isinstance(policy, dict) else None
    if (
        not isinstance(policy, dict)
        or policy.get("redrivePermission") not in _PERMISSIONS
        or not policy.keys() <= {"redrivePermission", "sourceQueueArns"}
        or not (arns is None or (isinstance(arns, list) and all(isinstance(arn, str) for arn in arns)))
    ):
        raise Refusal(
            "InvalidAttributeValue",
            "Invalid value for the parameter RedriveAllowPolicy. Reason: Amazon SQS can't create the redrive allow "
            "policy, as it\u2019s in an unsupported format.",
            f"redrivePermission is one of {', '.join(_PERMISSIONS)}; byQueue goes with a list of sourceQueueArns",
        )
    by_queue = policy["redrivePermission"] == "byQueue"
    if arns and not by_queue:
        reason = "To specify one or more source queue ARNs, you must set redrivePermission to byQueue."
    elif by_queue and not arns:
        reason = (
            "When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values."
        )
    elif arns and len(arns) > _MOST_SOURCES:
        reason = f"The maximum number of source queue ARNs you can specify is {_MOST_SOURCES}."
    else:
        return policy
    reason = f"Amazon SQS can't create the redrive allow policy. {reason}"
    raise _bad_policy(text, reason, "RedriveAllowPolicy")


def _bad_policy(text: str, reason: str, name: str = "RedrivePolicy") -> Refusal:
    return Refusal("InvalidParameterValue", f"Value {text} for parameter {name} is invalid. Reason: {reason}")


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        try:
            return json.dumps(value, separators=(",", ":"))
        except (TypeError, ValueError, RecursionError) as error:
            raise UsageError(f"queue attribute {name}: the policy cannot be written as JSON: {error}") from error
    raise UsageError(
        f"queue attribute {name}={value!r:.100} has no text for the API: give a str, an int, a bool, or a dict for a "
        "policy"
    )


def _nearest(name: str) -> str:
    """Our hint for a name that SQS does not know, or not for this kind of queue."""
    if name in _FIFO_ONLY:
        return f"{name} is for FIFO queues only; a standard queue does without it, also without {name}='false'"
    near = difflib.get_close_matches(name.lower(), [known.lower() for known in _NAMES], n=1, cutoff=0.5)
    found = next((known for known in _NAMES if near and known.lower() == near[0]), None)
    return f"did you mean {found}?" if found else f"there are {', '.join(sorted(_NAMES))}"
