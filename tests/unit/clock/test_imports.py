"""A module's body runs on real time even while time is frozen; its code follows virtual time afterwards."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import importlib
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import api, freeze_time

from pytest_lambda_events.clock.sleeping import real_sleep
from pytest_lambda_events.errors import ClockError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_lambda_events.clock.travel import Travel
    from pytest_lambda_events.clock.virtual import VirtualClock

SOURCE = """
import datetime
import time
from datetime import datetime as moment
from time import sleep as nap, time_ns

import pydantic

FROZEN = type(moment) is not type
LOADED_AT = time.time()
nap(0)


class Order(pydantic.BaseModel):
    at: datetime.datetime
    day: datetime.date = datetime.date(2020, 1, 1)


def handler():
    nap(30)
    return Order(at=moment.now(datetime.timezone.utc)), time_ns()
"""


@pytest.fixture
def module_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A handler's module that can be imported, and is forgotten at the end."""
    (tmp_path / "guarded_handler.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield "guarded_handler"
    sys.modules.pop("guarded_handler", None)


def _check_virtual(module: Any, clock: VirtualClock) -> None:
    before = clock.elapsed
    order, nanoseconds = module.handler()
    assert clock.elapsed == before + 30
    assert (order.at, nanoseconds) == (clock.now(), clock.now_ms * 1_000_000)
    assert module.Order.model_validate_json('{"at": "2025-01-01T00:00:00Z"}').at.year == 2025
    assert copy.deepcopy(order) == order


def _check_real(module: Any) -> None:
    assert module.moment is dt.datetime is api.real_datetime
    assert module.nap is time.sleep is real_sleep()
    assert module.time_ns is time.time_ns is api.real_time_ns


def _check_loaded_thawed(module: Any, clock: VirtualClock) -> None:
    assert not module.FROZEN
    assert clock.start_ms / 1000 + 10_000_000 < module.LOADED_AT


def test_a_handler_imported_while_frozen(
    clock: VirtualClock, new_travel: Callable[[], Travel], module_name: str
) -> None:
    """By an import statement, and by importlib; nothing of the freeze is in it at the end."""
    for load in (importlib.import_module, __import__):
        travel = new_travel()
        travel.start()
        module = load(module_name)
        assert type(dt.datetime) is not type
        _check_loaded_thawed(module, clock)
        _check_virtual(module, clock)
        assert load(module_name) is module
        travel.stop()
        _check_real(sys.modules.pop(module_name))


def test_a_handler_reloaded_while_frozen(
    clock: VirtualClock, new_travel: Callable[[], Travel], module_name: str
) -> None:
    """It was loaded before; freezegun alone would leave fakes in it."""
    module = importlib.import_module(module_name)
    travel = new_travel()
    travel.start()
    importlib.reload(module)
    _check_loaded_thawed(module, clock)
    _check_virtual(module, clock)
    travel.stop()
    _check_real(module)


def test_a_thread_imports_on_real_time_too(
    clock: VirtualClock, new_travel: Callable[[], Travel], module_name: str
) -> None:
    """Frozen, the model in it could not even be defined."""
    travel = new_travel()
    travel.start()
    thread = threading.Thread(target=importlib.import_module, args=(module_name,))
    thread.start()
    thread.join()
    module = sys.modules[module_name]
    _check_loaded_thawed(module, clock)
    _check_virtual(module, clock)
    travel.stop()
    _check_real(module)


@pytest.mark.parametrize("reload", [False, True])
def test_in_a_freeze_of_the_users(
    clock: VirtualClock, new_travel: Callable[[], Travel], module_name: str, *, reload: bool
) -> None:
    """Begun before us; after it nothing is left either, though it outlives us."""
    if reload:
        importlib.import_module(module_name)
    with freeze_time("2025-06-01"):
        travel = new_travel()
        travel.start()
        module = importlib.import_module(module_name)
        if reload:
            importlib.reload(module)
        _check_loaded_thawed(module, clock)
        _check_virtual(module, clock)
        travel.stop()
    _check_real(module)


def test_thawed_is_real_time_for_everything(travel: Travel, clock: VirtualClock) -> None:
    """Clocks, sleeps and loops; also nested, and after an error."""
    frozen_datetime, virtual_sleep = dt.datetime, time.sleep
    with contextlib.suppress(LookupError), travel.thawed():
        with travel.thawed():
            assert dt.datetime is api.real_datetime
        assert dt.datetime is api.real_datetime
        assert time.time is api.real_time
        assert time.sleep is real_sleep()
        virtual_sleep(0.001)
        clock.enter()
        raise LookupError
    assert (dt.datetime, time.sleep) == (frozen_datetime, virtual_sleep)
    assert clock.elapsed == 0


def test_two_threads_thaw_at_once(travel: Travel) -> None:
    """Time freezes again when the last of them is done."""
    inside, leave = threading.Event(), threading.Event()

    def work() -> None:
        with travel.thawed():
            inside.set()
            leave.wait()

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait()
    with travel.thawed():
        pass
    assert dt.datetime is api.real_datetime
    leave.set()
    thread.join()
    assert dt.datetime is api.FakeDatetime


def test_an_import_that_fails_freezes_again(travel: Travel) -> None:
    """`try: import orjson` in a handler, for one."""
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_module_anywhere")
    assert dt.datetime is api.FakeDatetime


def test_a_freeze_that_ends_while_thawed_stays_ended(clock: VirtualClock, new_travel: Callable[[], Travel]) -> None:
    """Thawing does not bring it back."""
    theirs = freeze_time("2025-06-01")
    theirs.start()
    travel = new_travel()
    travel.start()
    with travel.thawed():
        theirs.stop()
    assert dt.datetime is api.real_datetime
    assert clock.now().month == 6
    assert dt.datetime is api.FakeDatetime
    travel.stop()
    assert dt.datetime is api.real_datetime


def test_stopping_while_thawed_leaves_nothing(clock: VirtualClock, new_travel: Callable[[], Travel]) -> None:
    """The end of the thaw does not freeze what has been left."""
    travel = new_travel()
    travel.start()
    with travel.thawed():
        travel.stop()
    assert (dt.datetime, time.sleep) == (api.real_datetime, real_sleep())


@pytest.mark.parametrize("missing", ["_find_and_load", "_exec"])
def test_without_importlibs_private_functions_there_is_no_guard(
    clock: VirtualClock, new_travel: Callable[[], Travel], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """On a Python that has reorganised them, everything else works."""
    from pytest_lambda_events.clock import imports

    class Bootstrap:
        pass

    class Importlib:
        _bootstrap = Bootstrap()

    present = {"_find_and_load", "_exec"} - {missing}
    for name in present:
        setattr(Bootstrap, name, None)
    monkeypatch.setattr(imports, "importlib", Importlib)
    travel = new_travel()
    travel.start()
    time.sleep(1)
    travel.stop()
    assert clock.elapsed == 1


def test_errors_of_start_are_ours(clock: VirtualClock, new_travel: Callable[[], Travel]) -> None:
    """A ticking freeze is refused before anything is touched."""
    with freeze_time("2025-06-01", tick=True), pytest.raises(ClockError):
        new_travel().start()


class ModuleLike:
    """What extension modules put into sys.modules: it says that it is a module, and is none."""

    __class__ = type(sys)
    __name__ = "not_a_module"


def test_lazy_modules_are_not_asked_for_what_they_offer(
    new_travel: Callable[[], Travel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starting and stopping resolves nothing: not in a module that was there, not in one imported meanwhile."""
    for name in ("lazy_before", "lazy_meanwhile"):
        (tmp_path / f"{name}.py").write_text(
            "asked = []\ndef __dir__():\n    return ['asked', 'Model']\n"
            "def __getattr__(name):\n    name != 'Model' or asked.append(name)\n    raise AttributeError(name)\n",
            encoding="utf-8",
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    before = importlib.import_module("lazy_before")
    monkeypatch.setitem(sys.modules, "not_a_module", ModuleLike())
    travel = new_travel()
    travel.start()
    meanwhile = importlib.import_module("lazy_meanwhile")
    travel.stop()
    assert [] == before.asked == meanwhile.asked
    for name in ("lazy_before", "lazy_meanwhile"):
        monkeypatch.delitem(sys.modules, name)
