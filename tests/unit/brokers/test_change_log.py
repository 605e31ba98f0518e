"""The log of a cluster's changes: one order, tokens that rise, retention, and streams that show parts of it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pytest_lambda_events.brokers.change_log import ChangeLog
from pytest_lambda_events.model.trace import Ledger

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.change_log import ChangeStream
    from pytest_lambda_events.model.resume_tokens import ResumeToken

START = 1_735_689_600_000
HOUR = 3_600_000
ARN = "arn:aws:rds:us-east-1:123456789012:cluster:orders"


@dataclass(frozen=True)
class Change:
    """A record: its token, and when it was written."""

    token: ResumeToken
    arrival_ms: int

    @property
    def id(self) -> str:
        return self.token.text


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def log(ledger: Ledger) -> ChangeLog:
    return ChangeLog(ARN, journal=ledger, dice=random.Random(0))


def write(log: ChangeLog, at_ms: int, *streams: ChangeStream) -> Change:
    change: Change = log.write(lambda token: Change(token, at_ms), streams, at_ms)
    return change


def test_cluster_times_count_within_their_second(log: ChangeLog) -> None:
    """The number begins at 1 in each second, whatever stream it is for; tokens rise."""
    stream = log.watch("shop.orders")
    made = [write(log, START + ms, stream) for ms in (0, 0, 999, 1000, 5000)]
    assert [(one.token.seconds - START // 1000, one.token.increment) for one in made] == [
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 1),
        (5, 1),
    ]
    assert [one.id for one in made] == sorted(one.id for one in made)


def test_a_change_is_told_once_and_shown_where_it_belongs(log: ChangeLog, ledger: Ledger) -> None:
    orders, users, shop = log.watch("shop.orders"), log.watch("shop.users"), log.watch("shop")
    one, two = write(log, START, orders, shop), write(log, START, users, shop)
    assert (orders.records, users.records, shop.records) == ([one], [two], [one, two])
    assert [step.records for step in ledger.steps] == [(one.id,), (two.id,)]
    assert {step.place for step in ledger.steps} == {ARN}
    assert log.records == [one, two]


def test_a_stream_shows_what_is_written_after_it_was_opened(log: ChangeLog) -> None:
    write(log, START)
    stream = log.watch("shop")
    heard: list[str] = []
    end = stream.subscribe(lambda _at_ms, shard, record: heard.append(f"{shard} {record.id}"))
    late = write(log, START, stream)
    end()
    write(log, START, stream)
    assert heard == [f"shop {late.id}"]


def test_what_is_announced_happens_when_any_stream_is_looked_at(log: ChangeLog) -> None:
    orders, users = log.watch("shop.orders"), log.watch("shop.users")
    log.announce(START + 500, lambda at_ms: write(log, at_ms, orders))
    assert users.next_change(START) == START + 500
    users.settle(START + 499)
    assert orders.records == []
    users.settle(START + 600)
    assert [one.arrival_ms for one in orders.records] == [START + 500]
    assert orders.next_change(START + 600) is None


def test_retention_is_three_hours_and_may_be_changed_at_any_time(log: ChangeLog) -> None:
    stream = log.watch("shop")
    old, new = write(log, START, stream), write(log, START + HOUR, stream)
    assert stream.retained(START + 3 * HOUR - 1) == [old, new]
    assert stream.retained(START + 3 * HOUR) == [new]
    assert stream.read("shop", 0, 10, START + 3 * HOUR) == (1, [new])
    assert stream.expires_ms(new) == START + 4 * HOUR
    log.retention_ms = HOUR
    assert log.retention_ms == HOUR
    assert stream.retained(START + 3 * HOUR) == []
    log.retention_ms = 7 * 24 * HOUR
    assert stream.retained(START + 3 * HOUR) == []  # what is gone stays gone
    assert stream.records == [old, new]


def test_a_place_by_time(log: ChangeLog) -> None:
    stream = log.watch("shop")
    for second in (0, 1, 1, 2):
        write(log, START + 1000 * second, stream)
    assert [stream.place_at("shop", START + ms, START + 2000) for ms in (0, 1, 1000, 1001, 9000)] == [0, 1, 1, 3, 4]
