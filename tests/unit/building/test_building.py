"""What all builders do alike: counts, moments, made-up payloads, functions as arguments, overrides."""

from __future__ import annotations

import datetime as dt
import random
import sys
from typing import Any

import pytest

from pytest_lambda_events import Harness, UsageError, payloads
from pytest_lambda_events.building import compact, each, finished, later_ms, moment_ms, payloads_of, sending_ms
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.delivered import DeliveredBytes, DeliveredText, aside_of
from pytest_lambda_events.payloads import payload

BEGINNING_OF_2025 = 1_735_689_600_000


def test_the_moment_is_what_is_asked_for() -> None:
    """ISO text or datetime; without one, the beginning of 2025."""
    assert moment_ms("2025-01-01T00:00:01.5Z") == BEGINNING_OF_2025 + 1_500
    assert moment_ms(dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc)) == BEGINNING_OF_2025
    assert moment_ms(None) == BEGINNING_OF_2025
    with pytest.raises(UsageError, match="time='yesterday' is not an ISO 8601"):
        moment_ms("yesterday")
    with pytest.raises(UsageError, match="time=5: give a datetime"):
        moment_ms(5)  # type: ignore[arg-type]


def test_the_moment_is_the_virtual_present_while_a_harness_is_active() -> None:
    """Also after time passed."""
    with Harness(start="2026-02-03T00:00:00Z") as aws:
        aws.virtual_clock.advance(60)
        assert moment_ms(None) == moment_ms("2026-02-03T00:01:00Z")
    assert moment_ms(None) == BEGINNING_OF_2025


def test_something_is_put_now_or_at_a_moment_to_come() -> None:
    """In virtual seconds; the present is now."""
    clock = VirtualClock(1_000)
    clock.jump_to(11_000)
    assert [11_000, 11_000, 21_000] == [sending_ms(clock, at, clock.now_ms) for at in (None, 10, 20)]
    assert [None, None, 21_000] == [later_ms(clock, at, clock.now_ms) for at in (None, 10, 20)]


@pytest.mark.parametrize("at", ["soon", float("inf"), float("nan"), -1, 9.999])
def test_what_is_no_moment_to_come_is_refused(at: Any) -> None:
    """Whatever a builder or a source would make of it."""
    clock = VirtualClock(0)
    clock.jump_to(10_000)
    with pytest.raises(UsageError, match=r"at=|a length of time"):
        sending_ms(clock, at, clock.now_ms)


def test_a_payload_is_repeated_or_made_up() -> None:
    """count= with one payload, with none, and without."""
    identifiers = Identifiers(0)
    assert payloads_of(["a"], 3, kind="order", identifiers=identifiers) == ["a", "a", "a"]
    assert payloads_of(["a", "b"], None, kind="order", identifiers=identifiers) == ["a", "b"]
    assert [one["click"] for one in payloads_of([], 2, kind="click", identifiers=identifiers)] == [1, 2]
    assert [one["user"] for one in payloads_of([], None, kind="user", identifiers=identifiers)] == [1]


@pytest.mark.parametrize(
    ("given", "count", "why"),
    [
        ((), 0, "count=0"),
        (("a",), -1, "at least one"),
        ((), "3", "count='3'"),
        ((), 1.5, "count=1.5"),
        ((), True, "count=True"),
        (("a", "b"), 2, "repeats one payload"),
    ],
)
def test_a_count_that_means_nothing_is_refused(given: tuple[Any, ...], count: int, why: str) -> None:
    """Nothing, less than nothing, several of several."""
    with pytest.raises(UsageError, match=why):
        payloads_of(given, count, kind="order", identifiers=Identifiers(0))


def test_an_argument_is_one_value_or_a_function_of_the_records_number() -> None:
    """Counted from 0."""
    assert each("a", 1) == "a"
    assert each(lambda number: number * 10, 2) == 20
    assert each(None, 0) is None


def test_overrides_come_last_and_json_is_compact() -> None:
    """By path; what is not ASCII stays."""
    assert finished({"a": [1, 2]}, {"a[*]": 3, "b": 4}) == {"a": [3, 3], "b": 4}
    assert finished({"a": 1}, None) == {"a": 1}
    assert compact({"a": [1, "é"]}) == '{"a":[1,"é"]}'


@pytest.mark.parametrize("kind", ["order", "user", "click"])
@pytest.mark.parametrize("faker", [True, False], ids=["faker-if-there", "without-faker"])
def test_made_up_payloads_are_recognisable_and_seeded(monkeypatch: pytest.MonkeyPatch, kind: Any, faker: bool) -> None:
    """Numbered under their own name; same seed, same payload; other seed, other payload."""
    if not faker:
        monkeypatch.setitem(sys.modules, "faker", None)
    payloads._faker.cache_clear()
    try:
        one, same, other = (payload(kind, 7, random.Random(seed)) for seed in (1, 1, 2))
    finally:
        payloads._faker.cache_clear()
    assert one[kind] == 7
    assert one == same != other
    assert len(one) >= 5


def test_our_own_subjects_are_nobodys() -> None:
    """Addresses that no network routes and no mail server has (RFC 2606, RFC 5737)."""
    subject = payloads._OwnSubject(random.Random(0))
    assert subject.email().endswith("@example.com")
    assert subject.ipv4_public().startswith("203.0.113.")
    assert subject.name().count(" ") == 1
    assert subject.city()
    assert subject.street_address()[0].isdigit()


def test_what_travels_beside_a_payload_is_carried() -> None:
    """A text and bytes like any other, with arguments for the builder; nothing is one that is None."""
    text, data = DeliveredText("a", sender_id="b", message_attributes=None), DeliveredBytes(b"a", partition_key="c")
    assert text == "a"
    assert data == b"a"
    assert aside_of(text) == {"sender_id": "b"}
    assert aside_of(data) == {"partition_key": "c"}
    assert aside_of("a") == {}
