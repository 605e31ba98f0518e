"""Which message is which, where the protocol does not say."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from pytest_lambda_events.brokers.live.sightings import Sightings


class Message(NamedTuple):
    id: str
    look: str


@pytest.fixture
def sightings():
    return Sightings(lambda message: message.look)


def test_first_deliveries_are_those_that_were_sent_in_their_order(sightings):
    """Each once; what looks otherwise is somebody else's."""
    first, second = Message("1", "same"), Message("2", "same")
    sightings.sent(first)
    sightings.sent(second)
    received = Message("", "same")

    assert None is sightings.known(Message("", "other"), redelivered=False)
    found = [sightings.known(received, redelivered=False) for _ in range(3)]
    assert [first, second, None] == found


def test_a_redelivery_is_what_went_back_first(sightings):
    """And if nothing did, what was sent: another consumer had it."""
    sent, back = Message("1", "same"), Message("2", "same")
    sightings.sent(sent)
    sightings.went_back(back)
    received = Message("", "same")

    assert back is sightings.known(received, redelivered=True)
    assert sent is sightings.known(received, redelivered=True)
    assert None is sightings.known(received, redelivered=True)


def test_deliveries_are_counted_as_far_as_they_are_known(sightings):
    """A redelivery that was not seen before is at least the second."""
    assert [1, 2, 3] == [sightings.count("a", redelivered=flag) for flag in (False, True, True)]
    assert [2, 3] == [sightings.count("b", redelivered=True) for _ in range(2)]
