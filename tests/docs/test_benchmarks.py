"""What is to be measured and what was: the list of benchmarks, their files and `results.md` agree. Times: no test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
RESULTS = FOLDER / "results.md"
# what measures nothing by itself
BESIDE = {"__init__", "__main__", "alone", "claims", "floor", "listed", "machine", "measure", "results", "stock_moto"}
PEERS_BESIDE = {"__init__", "emulator", "environments", "hand_loop", "handlers", "moto_push", "ours", "sending"}


def listed(name: str) -> tuple[str, ...]:
    """A tuple of `listed.py`, which is in no package that is installed."""
    tree = ast.parse((FOLDER / "listed.py").read_text(encoding="utf-8"))
    assigned = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}
    return ast.literal_eval(assigned[name])


BENCHMARKS, PEERS = listed("BENCHMARKS"), listed("PEERS")

each_benchmark = pytest.mark.parametrize("name", BENCHMARKS)
each_listed = pytest.mark.parametrize("name", [*BENCHMARKS, *PEERS])


def source(name: str) -> ast.Module:
    """The file of a benchmark."""
    path = FOLDER.joinpath(*name.split(".")).with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def section(title: str) -> str:
    """What stands below a heading of `results.md`."""
    _, _, below = RESULTS.read_text(encoding="utf-8").partition(f"\n## {title}\n")
    return below.partition("\n## ")[0]


def files_in(text: str) -> list[str]:
    """Benchmarks that a section names, in its order, each once."""
    return list(dict.fromkeys(re.findall(r"\[([\w.]+)\]\([\w/]+\.py\)", text)))


def test_every_file_is_listed_or_beside() -> None:
    """A benchmark that nobody runs is none."""
    found = {path.stem for path in FOLDER.glob("*.py")} - BESIDE
    peers = {f"peers.{path.stem}" for path in (FOLDER / "peers").glob("*.py") if path.stem not in PEERS_BESIDE}
    assert set(BENCHMARKS) == found
    assert set(PEERS) == peers


@each_listed
def test_a_benchmark_asks_one_question(name: str) -> None:
    """Its docstring says which, and `run` is there to answer it."""
    tree = source(name)
    assert ast.get_docstring(tree)
    assert "run" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@each_benchmark
def test_a_benchmark_says_its_bar(name: str) -> None:
    """Every `Bar` has its `most`."""
    calls = [node for node in ast.walk(source(name)) if isinstance(node, ast.Call)]
    bars = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Bar"]
    assert bars
    assert all("most" in {keyword.arg for keyword in bar.keywords} for bar in bars)


def test_the_results_have_every_benchmark() -> None:
    """In the order in which they ran, none left over."""
    assert list(BENCHMARKS) == files_in(section("Bars"))
    assert list(PEERS) == files_in(section("Side by side"))


def test_the_results_say_of_each_bar_whether_it_holds() -> None:
    """And with what figure, unless it could not be measured."""
    lines = [line for line in section("Bars").splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[1:]]
    assert rows
    for _, measured, _, verdict, *_ in rows:
        assert verdict in {"holds", "DOES NOT HOLD", "not measured"}
        assert bool(measured) == (verdict != "not measured")


def test_the_results_say_on_what() -> None:
    """The machine, how busy it was, the versions, and when."""
    told = section("On what")
    for name in ("processor", "cores", "memory", "operating system", "load", "began", "Python", "moto", "boto3"):
        assert f"\n| {name}" in told
