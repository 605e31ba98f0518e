"""Over all sources: golden events, mutations, types, strategies, pages. The eleventh source is tested by existing."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pytest_lambda_events.events as made
import pytest_lambda_events.strategies as drawn
import pytest_lambda_events.typing as types
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.events import identify, validate
from pytest_lambda_events.sources import SOURCES

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "data" / "events"
NAMES = [source.name for source in SOURCES]
FEWEST_MUTATIONS = 60

each_source = pytest.mark.parametrize("name", NAMES)


def load(name: str) -> Any:
    """A module that lies beside this test: pytest's importlib mode puts no folder on sys.path."""
    full = f"sources_{name.replace('/', '_')}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(full, Path(__file__).parent / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[full] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[full]


mutating = load("mutations")


def case_of(name: str) -> Any:
    """How the events of a source may vary."""
    module = load(f"cases/{name}")
    sets = ("OPTIONAL", "FREE", "ANYTHING", "NULL", "PRINTED", "DERIVED")
    return mutating.Case(
        events=module.EVENTS,
        more=getattr(module, "MORE", {}),
        **{one.lower(): getattr(module, one, frozenset()) for one in sets},
    )


EVENTS = [(name, variant) for name in NAMES for variant in case_of(name).events]
each_event = pytest.mark.parametrize(("name", "variant"), EVENTS)


def written(event: Any) -> str:
    """An event as its golden file has it: what Lambda sends, one file a variant, readable in a diff."""
    return json.dumps(event, indent=1, ensure_ascii=False) + "\n"


@each_event
def test_a_generated_event_has_no_finding(name: str, variant: str) -> None:
    """Nobody can tell it from a real one."""
    event = case_of(name).events[variant]()
    assert identify(event).name == name
    assert validate(event) == []
    assert validate(json.loads(json.dumps(event))) == []


@each_event
def test_a_generated_event_is_the_golden_one(name: str, variant: str) -> None:
    """Byte for byte, key order included: it changes only when somebody means it to."""
    path = GOLDEN / name / f"{variant}.json"
    assert path.read_text(encoding="utf-8") == written(case_of(name).events[variant]())


@each_source
def test_every_single_mutation_is_found(name: str) -> None:
    """A finding names what was changed, and it is an error where real events always have it."""
    case = case_of(name)
    found = [mutation for make in case.events.values() for mutation in mutating.mutations(case, make())]
    missed, mild = [], []
    for mutation in found:
        findings = validate(mutation.event)
        about = [one for one in findings if mutating.is_named(mutation, one)]
        if not about:
            missed.append((mutation.name, [str(one) for one in findings]))
        elif mutation.severe and not any(one.severity == "error" for one in about):
            mild.append((mutation.name, [str(one) for one in about]))
    assert missed == []
    assert mild == []
    assert len({mutation.name for mutation in found}) >= FEWEST_MUTATIONS


@each_source
def test_a_source_is_whole(name: str) -> None:
    """Builder, type, strategy, page and golden events: whoever adds a source adds them all."""
    (source,) = (one for one in SOURCES if one.name == name)
    assert callable(getattr(made, f"{name}_event"))
    assert f"{name}_event" in made.__all__
    assert f"{name}_events" in drawn.__all__
    assert source.event_type in types.__all__
    assert (ROOT / "docs" / "sources" / f"{name}.md").is_file()
    assert {path.stem for path in (GOLDEN / name).glob("*.json")} == set(case_of(name).events)


@each_source
def test_an_events_type_has_the_keys_that_are_checked(name: str) -> None:
    """The TypedDict of the event and the checked shape know the same keys."""
    (source,) = (one for one in SOURCES if one.name == name)
    check = importlib.import_module(f"pytest_lambda_events.sources.{name}.check")
    declared = getattr(types, source.event_type)
    assert declared.__required_keys__ | declared.__optional_keys__ == check.EVENT.keys


@each_source
@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=settings().max_examples // 4
)
@given(data=st.data())
def test_whatever_a_strategy_draws_is_well_formed(name: str, data: st.DataObject) -> None:
    """No finding, and the event is its source's."""
    event = data.draw(getattr(drawn, f"{name}_events")())
    assert identify(event).name == name
    assert validate(event) == []


@each_source
def test_same_seed_same_event_and_other_seed_other_ids(name: str) -> None:
    """In this process; another process is asked below."""
    build = getattr(made, f"{name}_event")
    assert json.dumps(build(seed=3)) == json.dumps(build(seed=3))
    assert json.dumps(build(seed=3)) != json.dumps(build(seed=4))


def test_another_process_makes_the_same_events() -> None:
    """Byte for byte, whatever its hashes are seeded with."""
    code = (
        "import json\n"
        "from pytest_lambda_events import events\n"
        f"print(json.dumps([getattr(events, name + '_event')(seed=3) for name in {NAMES!r}]))"
    )
    here = json.dumps([getattr(made, f"{name}_event")(seed=3) for name in NAMES])
    for hash_seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            encoding="utf-8",
        )
        assert there.stdout == f"{here}\n"


@each_source
def test_a_builder_refuses_a_count_of_nothing(name: str) -> None:
    """An event carries at least one record."""
    with pytest.raises(UsageError, match="count=0"):
        getattr(made, f"{name}_event")(count=0)
