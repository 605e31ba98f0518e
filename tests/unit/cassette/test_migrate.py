"""From older versions to the present one, and from hand-formatted files to the one way of writing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.cassette import Interaction, load, write
from pytest_lambda_events.cassette.codec import LINES_FROM, json_of
from pytest_lambda_events.cassette.migrating import STEPS, migrate, migrated
from pytest_lambda_events.errors import CassetteBroken

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lambda_events.cassette import Cassette


def test_what_is_up_to_date_stays_as_it_is(everything: Cassette, tmp_path: Path) -> None:
    """Byte for byte."""
    path = tmp_path / "orders.json"
    write(everything, path)
    before = path.read_bytes()
    assert migrate(path) is False
    assert path.read_bytes() == before


def test_a_file_formatted_by_hand_is_written_as_it_should_be(everything: Cassette, tmp_path: Path) -> None:
    """Only when asked to."""
    path = tmp_path / "orders.json"
    write(everything, path)
    before = path.read_bytes()
    path.write_text(json.dumps(json_of(everything)), encoding="utf-8")
    assert migrate(path, write_back=False) is True
    assert path.read_bytes() != before
    assert migrate(path) is True
    assert path.read_bytes() == before


def test_edited_lines_get_the_name_of_their_content(cassette: Callable[..., Cassette], tmp_path: Path) -> None:
    """What somebody changed in them is kept."""
    path = tmp_path / "orders.json"
    interactions = [Interaction(event={"n": number}) for number in range(LINES_FROM)]
    _, lines = write(cassette(*interactions), path)
    lines.write_bytes(lines.read_bytes().replace(b'"n":7}', b'"n": 700}'))
    assert migrate(path) is True
    assert load(path).interactions[7].event == {"n": 700}
    assert lines not in tmp_path.iterdir()
    assert migrate(path) is False


def test_each_version_has_a_step(everything: Cassette, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of an older version goes through all steps from it on; the lines are in it when they run."""
    path = tmp_path / "orders.json"
    tree = json_of(everything)
    tree["version"] = 0
    tree["when"] = tree.pop("recorded_at")
    path.write_text(json.dumps(tree), encoding="utf-8")
    with pytest.raises(CassetteBroken, match="which never was"):
        migrate(path)
    monkeypatch.setitem(
        STEPS, 0, lambda old: {**{k: v for k, v in old.items() if k != "when"}, "recorded_at": old["when"]}
    )  # type: ignore[index]
    with pytest.raises(CassetteBroken, match="lambda-events migrate"):
        load(path)
    assert migrate(path) is True
    assert load(path) == everything


def test_steps_are_taken_in_turn() -> None:
    """None is left out."""
    steps: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
        1: lambda old: {**old, "way": [1]},
        2: lambda old: {**old, "way": [*old["way"], 2]},
    }
    assert migrated({"version": 1}, "x", steps=steps, version=3) == {"version": 3, "way": [1, 2]}
