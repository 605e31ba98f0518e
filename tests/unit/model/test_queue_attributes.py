"""A queue's attributes, by themselves: what CreateQueue and SetQueueAttributes take, and how they refuse the rest."""

from __future__ import annotations

import pytest

from pytest_lambda_events.model.queue_attributes import check_queue_attributes
from pytest_lambda_events.model.refusal import Refusal


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("DelaySeconds", 0, 900),
        ("KmsDataKeyReusePeriodSeconds", 60, 86_400),
        ("MaximumMessageSize", 1_024, 1_048_576),
        ("MessageRetentionPeriod", 60, 1_209_600),
        ("ReceiveMessageWaitTimeSeconds", 0, 20),
        ("VisibilityTimeout", 0, 43_200),
    ],
)
def test_the_limits_of_a_number(name, lowest, highest):
    """Both are within; a number may be given as one."""
    assert {name: str(lowest)} == check_queue_attributes({name: lowest}, fifo=False)
    assert {name: str(highest)} == check_queue_attributes({name: str(highest)}, fifo=False)
    for value in (lowest - 1, highest + 1, "1.5"):
        with pytest.raises(Refusal, match=f"Invalid value for the parameter {name}"):
            check_queue_attributes({name: value}, fifo=False)


def test_a_fifo_queue_stays_one():
    """AWS has the one value only."""
    assert {"FifoQueue": "true"} == check_queue_attributes({"FifoQueue": True}, fifo=True)
    with pytest.raises(Refusal, match="Modifying queue type is not supported"):
        check_queue_attributes({"FifoQueue": False}, fifo=True)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ContentBasedDeduplication", ["true", "false"]),
        ("DeduplicationScope", ["messageGroup", "queue"]),
        ("FifoThroughputLimit", ["perQueue"]),
        ("SqsManagedSseEnabled", ["true", "false"]),
        ("KmsMasterKeyId", ["alias/aws/sqs"]),
        ("Policy", ["{}", ""]),
    ],
)
def test_what_a_fifo_queue_may_have(name, values):
    """Some of it no other queue has."""
    only_fifo = name in {"ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"}
    for value in values:
        assert {name: value} == check_queue_attributes({name: value}, fifo=True)
        if only_fifo:
            with pytest.raises(Refusal, match=f"Unknown Attribute {name}"):
                check_queue_attributes({name: value}, fifo=False)
        else:
            assert {name: value} == check_queue_attributes({name: value}, fifo=False)
