"""Work done apart: in a fork, bounded, and nothing of it comes back but how it ended. The law: what the fork does to
this process's memory is gone with it; it cannot outlive its bounds, however it loops, nor take the machine's memory.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

MEMORY_BYTES = 6 << 30
START_SECONDS = 30
"""Of CPU, to import and collect; whoever runs tests there allows for each."""

TIMED_OUT = -1
"""The status of a fork that was stopped."""


def allow_seconds(seconds: float) -> None:
    """Let this process use so much more CPU before it is stopped."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds), hard))


def start(work: Callable[[], int], *, silent: bool = False, confined: bool = False) -> int:
    """Begin to work in a fork; its process id. What the work returns is the fork's status."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        if silent:
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
        if confined:
            allow_seconds(START_SECONDS)
            with suppress(ValueError, OSError):  # not every system can say no
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        status = work()
    except BaseException:  # whatever a changed program raises, this process is over
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def wait(pid: int) -> int:
    """The status of a fork, once it has ended."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def run_each(
    tasks: Iterable[T], work: Callable[[T], int], seconds: Callable[[T], float], processes: int
) -> Iterator[tuple[T, int]]:
    """Work on each task in a silent fork of its own, so many at a time; as they end, the tasks with their status. None
    lasts longer than its `seconds` by the clock on the wall.
    """
    waiting = iter(tasks)
    running: list[tuple[T, int, float]] = []
    while True:
        while len(running) < processes:
            try:
                task = next(waiting)
            except StopIteration:
                break
            pid = start(lambda task=task: work(task), silent=True, confined=True)  # type: ignore[misc]
            running.append((task, pid, time.monotonic() + seconds(task)))
        if not running:
            return
        for entry in list(running):
            task, pid, until = entry
            status = _status(pid, until)
            if status is not None:
                running.remove(entry)
                yield task, status
        time.sleep(0.002)


def _status(pid: int, until: float) -> int | None:
    """How a fork ended, None while it works; one whose time is over is stopped."""
    if time.monotonic() > until:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return TIMED_OUT
    ended, status = os.waitpid(pid, os.WNOHANG)
    if not ended:
        return None
    code = os.waitstatus_to_exitcode(status)
    return TIMED_OUT if code in (-signal.SIGXCPU, -signal.SIGKILL) else code
