"""When a run on real time is at rest."""

from __future__ import annotations

import pytest

from pytest_lambda_events.brokers.live.patience import ASK_MS, BEHIND_MS, Patience
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.errors import NotConnected


@pytest.fixture
def clock():
    return VirtualClock(0)


@pytest.fixture
def patience(clock):
    return Patience(clock)


def test_a_broker_is_asked_again_until_it_was_quiet_long_enough(clock, patience):
    """Counted from the run's beginning, or from what happened last."""
    patience.begin(100)

    assert ASK_MS == patience.next_ask(0, 0)
    assert 99 + ASK_MS == patience.next_ask(99, 99)
    assert 99 == patience.next_ask(99, 50)
    assert None is patience.next_ask(100, 100)
    assert [False, True] == [patience.is_quiet(now_ms) for now_ms in (99, 100)]
    clock.jump_to(100)
    patience.stir()
    assert not patience.is_quiet(100)
    assert 199 + ASK_MS == patience.next_ask(199, 199)
    assert None is patience.next_ask(200, 200)


def test_what_a_broker_owes_is_waited_for_but_not_for_ever(patience):
    """It may have gone to somebody else."""
    patience.begin(100)

    assert 200 == patience.next_ask(200, 180, is_behind=True)
    assert None is patience.next_ask(BEHIND_MS + 200, BEHIND_MS + 101, is_behind=True)


def test_a_run_that_ends_otherwise_is_never_at_rest(clock, patience):
    """At a moment, or when a predicate is true."""
    patience.begin(None)

    assert 10**9 + ASK_MS == patience.next_ask(10**9, 10**9)
    assert not patience.is_quiet(10**9)


def test_whoever_wants_to_know_is_told_that_a_run_has_ended(patience):
    """And each run has a number."""
    told = []
    patience.at_rest(lambda: told.append(patience.turn))
    with patience.run(100):
        assert [] == told
    with patience.run(None):
        pass

    assert [1, 2] == told


@pytest.mark.parametrize("ending", [ValueError, KeyboardInterrupt])
def test_a_run_that_ends_with_an_error_has_ended(patience, ending):
    """Whoever cannot be told any more does not stand before that error, or before the others."""
    told = []

    def gone():
        raise NotConnected("gone")

    patience.at_rest(gone)
    patience.at_rest(lambda: told.append(patience.turn))
    with pytest.raises(ending), patience.run(100):
        raise ending

    assert [1] == told
