"""asyncio on virtual time: timers jump, real work is waited for, a Timeout ends `asyncio.run`."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from pytest_lambda_events.clock import event_loop, reading
from pytest_lambda_events.errors import ClockStuck, DeadlinePassed

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from pytest_lambda_events.clock.travel import Travel
    from pytest_lambda_events.clock.virtual import VirtualClock


def _real_loop() -> asyncio.SelectorEventLoop:
    """A loop as it is made before a harness starts, or by a plugin."""
    return asyncio.SelectorEventLoop()


@pytest.fixture
def module_loop() -> Iterator[asyncio.SelectorEventLoop]:
    """What `loop = asyncio.new_event_loop()` at the top of a handler's module comes to."""
    loop = _real_loop()
    yield loop
    loop.close()


def test_a_sleep_moves_the_clock(travel: Travel, clock: VirtualClock) -> None:
    """A week, rounded up to a millisecond, with the loop's time and that of `time.monotonic` in step."""

    async def main() -> None:
        await asyncio.sleep(7 * 86_400)
        assert asyncio.get_running_loop().time() == pytest.approx(time.monotonic(), abs=1e-6)
        await asyncio.sleep(0.0001)

    asyncio.run(main())
    assert clock.elapsed == 7 * 86_400 + 0.001


def test_many_sleeps_are_exact(travel: Travel, clock: VirtualClock) -> None:
    """A tenth of a second, a thousand times, is a hundred seconds."""

    async def main() -> None:
        for _ in range(1_000):
            await asyncio.sleep(0.1)

    asyncio.run(main())
    assert clock.elapsed == 100


def test_tasks_run_side_by_side_in_the_order_of_their_timers(travel: Travel, clock: VirtualClock) -> None:
    """`gather` takes as long as the longest."""
    woken: list[tuple[float, int]] = []

    async def nap(seconds: int) -> None:
        await asyncio.sleep(seconds)
        woken.append((clock.elapsed, seconds))

    async def main() -> None:
        await asyncio.gather(nap(30), nap(10), nap(20))

    asyncio.run(main())
    assert woken == [(10, 10), (20, 20), (30, 30)]


def test_timeouts_follow_virtual_time(travel: Travel, clock: VirtualClock) -> None:
    """`wait_for` gives up at its second."""

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.sleep(60), timeout=5)
        assert await asyncio.wait_for(asyncio.sleep(60, "done"), timeout=61) == "done"

    asyncio.run(main())
    assert clock.elapsed == 65


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.timeout and Runner came with Python 3.11")
def test_runner_and_timeout_follow_virtual_time(travel: Travel, clock: VirtualClock) -> None:
    """The newer names of the same things."""

    async def main() -> None:
        async with asyncio.timeout(50):
            await asyncio.sleep(40)

    with asyncio.Runner() as runner:
        runner.run(main())
        runner.run(main())
    assert clock.elapsed == 80


def test_a_blocking_sleep_in_a_coroutine_counts(travel: Travel, clock: VirtualClock) -> None:
    """It blocks the loop, as it does on real time."""

    async def main() -> None:
        task = asyncio.ensure_future(asyncio.sleep(1))
        await asyncio.sleep(0)
        time.sleep(10)  # noqa: ASYNC251
        await task

    asyncio.run(main())
    assert clock.elapsed == 10


def test_a_job_in_a_thread_is_waited_for(travel: Travel, clock: VirtualClock) -> None:
    """The timeout on it is not jumped to while it works, in the loop's own executor or another."""
    release = threading.Event()

    async def main() -> list[str]:
        loop = asyncio.get_running_loop()

        def job() -> str:
            # the loop has nothing to do but the timer now; it must not take that for a reason to jump
            release.wait(0.01)
            return "done"

        with ThreadPoolExecutor(1) as pool:
            jobs = [asyncio.to_thread(job), loop.run_in_executor(pool, job)]
            return [await asyncio.wait_for(job, timeout=600) for job in jobs]

    with travel.invocation():
        assert asyncio.run(main()) == ["done", "done"]
    assert clock.elapsed == 0


def test_a_job_that_sleeps_moves_the_clock(travel: Travel, clock: VirtualClock) -> None:
    """Retries with a blocking sleep in a thread."""
    with travel.invocation():
        asyncio.run(asyncio.to_thread(time.sleep, 20))
    assert clock.elapsed == 20


def test_a_job_that_outlasts_its_timeout_is_given_up(travel: Travel, clock: VirtualClock) -> None:
    """The wait for it is real, and then the timer fires on virtual time."""
    release = threading.Event()

    async def main() -> None:
        job = asyncio.get_running_loop().run_in_executor(None, release.wait)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(job, timeout=0.005)
        release.set()

    with travel.invocation():
        asyncio.run(main())
    assert clock.elapsed == 0.005


def test_real_io_comes_before_a_timer(travel: Travel, clock: VirtualClock) -> None:
    """A conversation over a socket does not run into its timeout, and idle connections delay a jump only so long."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async def main() -> bytes:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"hello\n")
        line = await asyncio.wait_for(reader.readline(), timeout=30)
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()
        return line

    assert asyncio.run(main()) == b"hello\n"
    assert clock.elapsed == 0


def test_a_silent_socket_does_not_hold_time_up(
    travel: Travel, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a grace period of real time."""
    monkeypatch.setattr(event_loop, "IO_GRACE_SECONDS", 0.001)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            loop.add_reader(ours, lambda: None)
            await asyncio.sleep(3_600)
            loop.remove_reader(ours)

    asyncio.run(main())
    assert clock.elapsed == 3_600


class TestDeadline:
    """A Timeout that ends inside the loop ends `asyncio.run`, whatever the tasks are about."""

    @pytest.fixture(autouse=True)
    def deadline(self, clock: VirtualClock) -> None:
        clock.deadline_ms = clock.now_ms + 3_000

    def _run_out(self, travel: Travel, clock: VirtualClock, main: Coroutine[Any, Any, object]) -> None:
        with travel.invocation(), pytest.raises(DeadlinePassed):
            asyncio.run(main)
        assert clock.elapsed == 3

    def test_in_a_sleep(self, travel: Travel, clock: VirtualClock) -> None:
        """The plain case."""
        self._run_out(travel, clock, asyncio.sleep(60))

    def test_in_tasks(self, travel: Travel, clock: VirtualClock) -> None:
        """Those that wait are cancelled, those that never began too, and nobody complains."""

        async def main() -> None:
            tasks = [asyncio.ensure_future(asyncio.sleep(60 + n)) for n in range(3)]
            await asyncio.sleep(2)
            tasks.append(asyncio.ensure_future(asyncio.sleep(1)))
            await asyncio.gather(*tasks)

        self._run_out(travel, clock, main())

    def test_in_a_blocking_sleep_whose_error_is_gathered(self, travel: Travel, clock: VirtualClock) -> None:
        """`return_exceptions=True` does not keep the handler alive."""

        async def block() -> None:
            time.sleep(60)  # noqa: ASYNC251

        async def main() -> str:
            await asyncio.gather(block(), block(), return_exceptions=True)
            await asyncio.sleep(0)
            return "went on"

        self._run_out(travel, clock, main())

    def test_with_a_clean_up(self, travel: Travel, clock: VirtualClock) -> None:
        """`finally` blocks that wait a little get to their end; virtual time stands still for them."""
        ends: list[str] = []

        async def work() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(5)
                ends.append("clean")

        async def main() -> None:
            await asyncio.gather(work(), asyncio.to_thread(lambda: None))

        self._run_out(travel, clock, main())
        assert ends == ["clean"]

    def test_with_a_task_that_swallows_its_cancellation(self, travel: Travel, clock: VirtualClock) -> None:
        """It would go on for ever; it is left behind."""

        async def main() -> None:
            while True:
                try:
                    await asyncio.sleep(1)
                except asyncio.CancelledError:
                    continue

        self._run_out(travel, clock, main())

    def test_in_a_wait_for_what_never_comes(self, travel: Travel, clock: VirtualClock) -> None:
        """No timer is set, and no thread or socket could end it."""

        async def main() -> None:
            await asyncio.get_running_loop().create_future()

        self._run_out(travel, clock, main())

    def test_in_a_worker_thread(self, travel: Travel, clock: VirtualClock) -> None:
        """Its error reaches the coroutine that waits for it."""
        self._run_out(travel, clock, asyncio.to_thread(time.sleep, 60))

    def test_and_the_next_invocation(
        self, travel: Travel, clock: VirtualClock, module_loop: asyncio.SelectorEventLoop
    ) -> None:
        """A loop that a module keeps is as good as new for it."""
        with travel.invocation(), pytest.raises(DeadlinePassed):
            module_loop.run_until_complete(asyncio.sleep(60))
        clock.deadline_ms = clock.now_ms + 3_000
        with travel.invocation():
            module_loop.run_until_complete(asyncio.sleep(2))
        assert clock.elapsed == 5


def test_the_loop_of_a_module_is_virtual_during_an_invocation(
    travel: Travel, clock: VirtualClock, module_loop: asyncio.SelectorEventLoop
) -> None:
    """`asyncio.get_event_loop().run_until_complete(...)` is how many older handlers run; timers survive the change."""
    fired: list[str] = []
    module_loop.call_later(50_000, fired.append, "timer")
    with travel.invocation():
        module_loop.run_until_complete(asyncio.sleep(30))
        assert (fired, clock.elapsed) == ([], 30)
        module_loop.run_until_complete(asyncio.sleep(50_000))
    assert (fired, clock.elapsed) == (["timer"], 50_030)
    assert type(module_loop) is asyncio.SelectorEventLoop


def test_a_loop_that_waits_for_the_clock_is_stopped(
    travel: Travel, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sleep(0)` takes no time on the virtual clock."""
    monkeypatch.setattr(reading, "READS_BEFORE_STUCK", 1_000)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + 1
        while loop.time() < end:  # noqa: ASYNC110 - the mistake that is meant
            await asyncio.sleep(0)

    with travel.invocation(), pytest.raises(ClockStuck):
        asyncio.run(main())


def test_a_loop_made_elsewhere_runs_on_real_time(
    travel: Travel, clock: VirtualClock, module_loop: asyncio.SelectorEventLoop
) -> None:
    """Outside an invocation its sleeps end, and the virtual clock does not notice."""
    module_loop.run_until_complete(asyncio.sleep(0.001))
    assert clock.elapsed == 0


def test_a_server_of_the_tests_in_a_thread_runs_on_real_time(travel: Travel, clock: VirtualClock) -> None:
    """Its loop neither follows the clock nor moves it, even when it begins during an invocation."""
    go = threading.Event()

    def serve() -> None:
        asyncio.run(asyncio.sleep(0.001))
        go.wait()
        loop = _real_loop()
        loop.run_until_complete(asyncio.sleep(0.001))
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    with travel.invocation():
        go.set()
        thread.join()
    assert clock.elapsed == 0


def test_a_freeze_moved_by_hand_inside_a_coroutine(travel: Travel, clock: VirtualClock) -> None:
    """A timer that this makes overdue fires at once, and not its whole length later."""

    async def main() -> None:
        with freeze_time("2025-01-01") as frozen:
            clock.enter()
            asyncio.get_running_loop().call_soon(frozen.tick, 10)
            await asyncio.sleep(5)

    asyncio.run(main())
    assert clock.elapsed == 10


def test_a_handler_may_run_a_loop_inside_an_async_test(
    travel: Travel, clock: VirtualClock, module_loop: asyncio.SelectorEventLoop
) -> None:
    """The running loop is hidden from it, and is there again afterwards, with its task."""

    async def test() -> None:
        task = asyncio.current_task()
        with travel.invocation():
            asyncio.run(asyncio.sleep(5))
            with travel.invocation():
                asyncio.run(asyncio.sleep(5))
        assert asyncio.get_running_loop() is module_loop
        assert asyncio.current_task() is task
        await asyncio.sleep(0.001)

    module_loop.run_until_complete(test())
    assert clock.elapsed == 10


def test_async_tests_of_pytest_asyncio_run_on_real_time(pytester: pytest.Pytester) -> None:
    """Whether its loop was made before the harness started or after, and a handler in it runs its own."""
    pytest.importorskip("pytest_asyncio")
    pytester.makeconftest(
        """
        import pytest
        from pytest_lambda_events.clock.travel import Travel
        from pytest_lambda_events.clock.virtual import VirtualClock

        @pytest.fixture
        def travel():
            travel = Travel(VirtualClock(1_735_689_600_000))
            travel.start()
            yield travel
            travel.stop()

        @pytest.fixture
        async def before():
            pass
        """
    )
    pytester.makepyfile(
        """
        import asyncio
        import time
        import pytest

        async def check(travel):
            before = time.time()
            await asyncio.sleep(0.01)
            assert time.time() == before
            with travel.invocation():
                asyncio.run(asyncio.sleep(30))
            await asyncio.sleep(0.01)
            assert time.time() == before + 30
            await asyncio.to_thread(lambda: None)

        @pytest.mark.asyncio
        async def test_harness_first(travel):
            await check(travel)

        @pytest.mark.asyncio
        async def test_loop_first(before, travel):
            await check(travel)
        """
    )
    options = ("-p", "no:randomly", "-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
    # in a process of its own, and not asked what is left in it: old versions of pytest-asyncio leave a loop behind
    result = pytester.runpytest_subprocess(*options, "-W", "error", "-p", "no:unraisableexception")
    result.assert_outcomes(passed=2)
