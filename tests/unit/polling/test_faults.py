"""The dice: each fault that was asked for happens, and is said; one that was not asked for draws nothing."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest

from pytest_lambda_events.model.faults import Faults
from pytest_lambda_events.model.trace import Ledger
from pytest_lambda_events.polling.faults import Dice


def delivery(record_id):
    """As much of it as the dice look at."""
    return SimpleNamespace(record=SimpleNamespace(id=record_id))


def dice(seed=0, **faults):
    """Dice, and the ledger that they write to."""
    ledger = Ledger()
    return Dice(Faults(**faults), random.Random(seed), ledger, "mapping"), ledger


ASKED = {
    "reordering": lambda dice: dice.reordered([delivery("a"), delivery("b")], 7),
    "late_visibility": lambda dice: dice.later_ms(delivery("a"), 7),
    "throttles": lambda dice: dice.throttles(("a", "b"), 7),
    "crashes": lambda dice: dice.crashes(("a", "b"), 7),
    "failed_deletes": lambda dice: dice.undeleted("a", 7),
    "duplicates": lambda dice: dice.undeleted("a", 7),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_fault_is_said(name):
    """With its moment, its mapping and its records."""
    rolled, ledger = dice(**{name: 1})
    ASKED[name](rolled)

    (step,) = ledger.steps
    assert (7, "fault", "mapping", name) == (step.at_ms, step.kind, step.place, step.detail)
    assert {"a", "b"} >= set(step.records) >= {"a"}


@pytest.mark.parametrize("name", ASKED)
def test_what_was_not_asked_for_draws_nothing(name):
    """So one fault more does not move the others."""
    rng = random.Random(0)
    before = rng.getstate()
    ASKED[name](Dice(Faults(), rng, Ledger(), "mapping"))

    assert before == rng.getstate()


def test_two_messages_have_another_order_one_has_not():
    """Whether it is another is for the dice to say."""
    two = [delivery("a"), delivery("b")]
    orders = {"".join(one.record.id for one in dice(seed, reordering=1)[0].reordered(two, 0)) for seed in range(20)}
    rolled, ledger = dice(reordering=1)

    assert {"ab", "ba"} == orders
    assert two[:1] == rolled.reordered(two[:1], 0)
    assert () == tuple(ledger.steps)


def test_a_timeout_ends_up_to_ten_seconds_late():
    """Never by nothing."""
    late = {dice(seed, late_visibility=1)[0].later_ms(delivery("a"), 0) for seed in range(200)}

    assert 1 <= min(late) < 1_000
    assert 9_000 < max(late) <= 10_000
