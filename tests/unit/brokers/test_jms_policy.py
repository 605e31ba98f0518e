"""When ActiveMQ delivers again, and when no more."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lambda_events import UsageError
from pytest_lambda_events.brokers.jms_policy import RedeliveryPolicy

GROWS = {"useExponentialBackOff": True, "backOffMultiplier": 2}


@pytest.mark.parametrize(
    ("given", "delays"),
    [
        ({}, [1_000] * 6),
        ({"initialRedeliveryDelay": 0}, [0, 1_000, 1_000]),
        ({"redeliveryDelay": 300}, [1_000, 300, 300]),
        (GROWS, [1_000, 2_000, 4_000, 8_000]),
        ({**GROWS, "maximumRedeliveryDelay": 3_000}, [1_000, 2_000, 3_000, 3_000]),
        ({**GROWS, "maximumRedeliveryDelay": 10}, [1_000, 1_000]),
        ({**GROWS, "backOffMultiplier": 1}, [1_000, 1_000]),
        ({**GROWS, "initialRedeliveryDelay": 0}, [0, 1_000, 2_000]),
        ({"useExponentialBackOff": True}, [1_000, 5_000, 25_000]),
    ],
)
def test_delays(given: dict[str, Any], delays: list[int]) -> None:
    """After one failed delivery, after two, and so on."""
    policy = RedeliveryPolicy(**given)
    assert [policy.delay_ms(number + 1) for number in range(len(delays))] == delays


def test_a_delay_that_grows_for_ever_has_a_bound() -> None:
    """No number gets out of hand."""
    assert RedeliveryPolicy(**GROWS, maximumRedeliveries=-1).delay_ms(10_000) == 2**31 - 1


@pytest.mark.parametrize(
    ("most", "deliveries", "expected"),
    [(6, 6, False), (6, 7, True), (0, 1, True), (-1, 10_000, False)],
)
def test_the_end(most: int, deliveries: int, expected: bool) -> None:
    """Six redeliveries are seven deliveries."""
    assert RedeliveryPolicy(maximumRedeliveries=most).is_exceeded(deliveries) is expected


def test_the_cause_is_what_activemq_writes() -> None:
    """Letter for letter as ActiveMQ 5.17.2 noted it."""
    assert RedeliveryPolicy().cause(7) == (
        "java.lang.Throwable: Delivery[7] exceeds redelivery policy limit:RedeliveryPolicy {destination = null, "
        "collisionAvoidanceFactor = 0.15, maximumRedeliveries = 6, maximumRedeliveryDelay = -1, initialRedeliveryDelay "
        "= 1000, useCollisionAvoidance = false, useExponentialBackOff = false, backOffMultiplier = 5.0, "
        "redeliveryDelay = 1000, preDispatchCheck = true}, cause:null"
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"maximumRedeliveries": -2}, "maximumRedeliveries=-2"),
        ({"maximumRedeliveries": True}, "maximumRedeliveries=True"),
        ({"redeliveryDelay": 0.5}, "redeliveryDelay=0.5"),
        ({"initialRedeliveryDelay": -1}, "initialRedeliveryDelay=-1"),
        ({"maximumRedeliveryDelay": "1"}, "maximumRedeliveryDelay='1'"),
        ({"useExponentialBackOff": "yes"}, "useExponentialBackOff='yes'"),
        ({"useExponentialBackOff": 1}, "useExponentialBackOff=1: write True or False"),
        ({"backOffMultiplier": True}, "backOffMultiplier=True"),
        ({"backOffMultiplier": 0}, "backOffMultiplier=0"),
        ({"backOffMultiplier": "2"}, "backOffMultiplier='2'"),
    ],
)
def test_what_is_no_policy(given: dict[str, Any], told: str) -> None:
    """Refused with what there may be."""
    with pytest.raises(UsageError, match=told):
        RedeliveryPolicy(**given)
