"""A loop that runs is out of the handler's sight, and afterwards everything is as it was."""

from __future__ import annotations

import asyncio
from asyncio import events, tasks
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_lambda_events.clock.hiding import hide_loop


def test_another_loop_can_run_where_one_runs() -> None:
    """As a handler that calls `asyncio.run` in an `async def` test does; the test goes on as the task that it was."""

    async def inner() -> str:
        return "ran"

    async def test() -> list[Any]:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        with hide_loop(loop):
            ran = asyncio.run(inner())
        return [
            ran,
            asyncio.get_running_loop() is loop,
            asyncio.current_task() is task,
            asyncio.get_event_loop() is loop,
        ]

    assert ["ran", True, True, True] == asyncio.run(test())


def test_a_loop_is_hidden_from_a_callback() -> None:
    """Which is no task."""
    seen: list[Any] = []

    def call() -> None:
        loop.stop()  # when this is over, however it ends
        with hide_loop(loop):
            seen.append(events._get_running_loop())
        seen.append(events._get_running_loop())

    loop = asyncio.new_event_loop()
    loop.call_soon(call)
    loop.run_forever()
    loop.close()

    assert [None, loop] == seen


def test_that_there_is_no_task_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.12 and 3.13 have a complaint about it; the loop is hidden even so."""

    def swapped(loop: Any, task: Any) -> Any:
        raise KeyError(loop)

    monkeypatch.setattr(tasks, "_swap_current_task", swapped, raising=False)
    loop: Any = object()
    events._set_running_loop(loop)
    try:
        with hide_loop(loop):
            assert None is events._get_running_loop()
        assert loop is events._get_running_loop()
    finally:
        events._set_running_loop(None)


@pytest.mark.parametrize("kept", [None, "task"])
def test_what_is_put_back_last_is_the_task(monkeypatch: pytest.MonkeyPatch, kept: str | None) -> None:
    """From Python 3.14 on a thread has one current task, and it belongs to the loop that runs: the loop comes first."""
    story: list[tuple[Any, Any]] = []

    def swapped(loop: Any, task: Any) -> Any:
        story.append((task, events._get_running_loop()))
        return kept

    monkeypatch.setattr(tasks, "_swap_current_task", swapped, raising=False)
    loop = SimpleNamespace()
    events._set_running_loop(loop)  # type: ignore[arg-type] # any object is one here
    try:
        with hide_loop(loop):
            assert None is events._get_running_loop()
        assert loop is events._get_running_loop()
    finally:
        events._set_running_loop(None)

    assert [(None, loop), *([] if kept is None else [(kept, loop)])] == story


@pytest.mark.parametrize("name", ["_get_event_loop_policy", "get_event_loop_policy"])
@pytest.mark.parametrize("local", [SimpleNamespace(_loop="current"), SimpleNamespace(), None])
def test_the_current_loop_is_that_of_the_policy(monkeypatch: pytest.MonkeyPatch, name: str, local: Any) -> None:
    """By whichever name Python has it; a policy of somebody else's may keep none."""
    policy = SimpleNamespace() if local is None else SimpleNamespace(_local=local)
    monkeypatch.delattr(events, "_get_event_loop_policy", raising=False)
    monkeypatch.setattr(events, name, lambda: policy, raising=False)
    before = None if local is None else dict(vars(local))
    with hide_loop(None):
        if before:
            local._loop = None

    assert before == (None if local is None else vars(local))
