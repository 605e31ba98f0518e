"""Tables of services that a harness may never touch: they go in with the first import, and come out with the rest."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from pytest_lambda_events.brokers.moto import late
from pytest_lambda_events.brokers.moto.late import LateService
from pytest_lambda_events.errors import UnsupportedMoto

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_lambda_events.brokers.moto.surface import MotoSurface

MODELS = """
    class Backend:
        def greet(self, name):
            return f"stock {name}"
"""
ROOM = """
    import late_models
    from pytest_lambda_events.brokers.moto.tables import Operation, Table
    from pytest_lambda_events.model.refusal import Refusal

    def greet(surface, original, backend, name):
        '''Ours.'''
        if name == "nobody":
            raise Refusal("NoSuchName", "There is nobody.")
        return "ours, not " + original(backend, name)

    TABLE = Table(
        (Operation(late_models.Backend, "greet", greet, ("name",)),),
        check=lambda: None,
        refused=lambda code, message: KeyError(code, message),
    )

    class Room:
        released = None
        def release(self, *, keep):
            type(self).released = keep

    def begin(surface):
        return Room()
"""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service of moto's, and our room for it."""
    (tmp_path / "late_models.py").write_text(textwrap.dedent(MODELS), encoding="utf-8")
    (tmp_path / "late_room.py").write_text(textwrap.dedent(ROOM), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(late, "SERVICES", {"greeting": LateService("late_models", "late_room")})
    for name in ("late_models", "late_room"):
        monkeypatch.setitem(sys.modules, name, None)  # so that it is taken out again
        del sys.modules[name]
    return tmp_path


@pytest.fixture
def late_surface(idle_surface: MotoSurface, modules: Path) -> Iterator[MotoSurface]:
    """One that knows this service only, and that the test starts."""
    yield idle_surface
    idle_surface.stop()


def test_a_table_goes_in_with_the_first_import(late_surface: MotoSurface, modules: Path) -> None:
    """Whoever imports the service's models gets them with ours in place; the end takes ours out."""
    finders = list(sys.meta_path)
    late_surface.start()
    import late_models

    assert late_models.Backend().greet("you") == "ours, not stock you"
    with pytest.raises(KeyError, match="NoSuchName"):
        late_models.Backend().greet("nobody")
    room = late_surface.late.room("greeting")
    assert late_surface.late.room("greeting") is room
    late_surface.stop()
    assert late_models.Backend().greet("you") == "stock you"
    assert sys.meta_path == finders
    assert room.released is False
    assert late_models.__spec__.loader is late_models.__loader__
    assert type(late_models.__loader__).__name__ == "SourceFileLoader"


def test_what_is_loaded_already_is_replaced_at_the_start(late_surface: MotoSurface, modules: Path) -> None:
    """There is nothing to wait for then."""
    import late_models

    late_surface.start()
    assert late_models.Backend().greet("you") == "ours, not stock you"
    late_surface.stop()
    late_surface.start()
    assert late_models.Backend().greet("you") == "ours, not stock you"


def test_asking_for_the_room_loads_the_service(late_surface: MotoSurface, modules: Path) -> None:
    """A source of ours needs no boto3 call before it."""
    late_surface.start()
    assert "late_models" not in sys.modules
    assert type(late_surface.late.room("greeting")).__name__ == "Room"
    assert "late_models" in sys.modules


def test_models_that_fail_can_be_imported_again(late_surface: MotoSurface, modules: Path) -> None:
    """A module that raised is executed anew, and ours step in then."""
    path = modules / "late_models.py"
    good = path.read_text(encoding="utf-8")
    path.write_text("raise OSError('not now')", encoding="utf-8")
    late_surface.start()
    with pytest.raises(OSError, match="not now"):
        import late_models
    path.write_text(good + "\n# longer than before\n", encoding="utf-8")
    import late_models

    assert late_models.Backend().greet("you") == "ours, not stock you"


def test_an_unknown_service_is_refused_by_name(late_surface: MotoSurface, modules: Path) -> None:
    """At the import, because nothing was known of it before; and nothing of it is replaced."""
    path = modules / "late_models.py"
    path.write_text("class Backend:\n    def greet(self, who):\n        return who\n", encoding="utf-8")
    late_surface.start()
    with pytest.raises(UnsupportedMoto, match=r"late_models\.Backend\.greet takes \(who\), not \(name\)"):
        import late_models  # noqa: F401 - the import is what is tested
    assert "late_models" not in sys.modules


def test_other_modules_are_found_as_ever(late_surface: MotoSurface, modules: Path) -> None:
    """The finder in front says nothing about what nobody waits for; a service that is not there is not there."""
    (modules / "late_models.py").unlink()
    late_surface.start()
    with pytest.raises(ModuleNotFoundError, match="late_models"):
        import late_models  # noqa: F401 - likewise
    with pytest.raises(ModuleNotFoundError, match="late_models"):
        late_surface.late.room("greeting")


def test_a_harness_without_kinesis_does_not_load_it() -> None:
    """And one that uses it has the engine behind it, without having asked for it."""
    program = """
        import sys
        import boto3
        from pytest_lambda_events import Harness
        with Harness() as aws:
            aws.sqs_queue("orders")
            assert not [name for name in sys.modules if "kinesis" in name and "moto" in name]
            client = boto3.client("kinesis", region_name="us-east-1")
            client.create_stream(StreamName="clicks", ShardCount=1)
            answer = client.put_record(StreamName="clicks", Data=b"a", PartitionKey="k")
        print(len(answer["SequenceNumber"]))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.stdout, done.returncode) == ("56\n", 0), done.stderr
