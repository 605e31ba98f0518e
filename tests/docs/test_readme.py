"""The README is a program: what it shows runs, what it prints is printed, and what it names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# before any inner run: pytester forgets the modules that an inner run imported, and a second moto in one process is not
# the first
import pytest_lambda_events
from pytest_lambda_events.harness import Harness
from pytest_lambda_events.model.function import CREATE_FUNCTION_MEMBERS
from pytest_lambda_events.model.parameters import CREATE_MEMBERS
from pytest_lambda_events.model.queue_attributes import _NAMES as QUEUE_ATTRIBUTES
from pytest_lambda_events.model.records import FATES
from pytest_lambda_events.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.options import Option

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "pytest_lambda_events" / "plugin"
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md"), *ROOT.glob("cassettes/**/*.md")]
)
LEFT_OPEN = re.compile(r"@@\w+@@")

_WITHOUT = ("randomly", "cacheprovider", "xdist", "hypothesispytest", "faker", "asyncio")
QUIET = tuple(word for name in _WITHOUT for word in ("-p", f"no:{name}"))

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def prose(text: str) -> str:
    """What is not in a fenced block."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def code_spans(text: str) -> list[str]:
    """What stands between backticks in the prose."""
    return re.findall(r"`([^`\n]+)`", prose(text))


@pytest.fixture
def run_pytest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], pytest.RunResult]:
    """Run `test_orders.py` with this text, in this process, on a terminal of 80 columns."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("COLUMNS", "80")

    def run(source: str) -> pytest.RunResult:
        pytester.makepyfile(test_orders=source)
        return pytester.runpytest_inprocess(*QUIET)

    return run


# -- what it shows -----------------------------------------------------------------------------------------------------


@each_document
def test_nothing_is_left_to_be_filled_in(path: Path) -> None:
    """No placeholder goes out."""
    assert LEFT_OPEN.findall(path.read_text(encoding="utf-8")) == []


def test_every_block_of_python_runs_and_passes(run_pytest: Callable[[str], pytest.RunResult]) -> None:
    """From top to bottom they are one test file: a later block may use the handler of an earlier one."""
    source = "\n\n".join(blocks(README, "python"))
    tests = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and "test_" in node.name]
    assert len(set(tests)) == len(tests) > 0
    run_pytest(source).assert_outcomes(passed=len(tests))


def test_the_failure_is_what_a_failure_prints(run_pytest: Callable[[str], pytest.RunResult]) -> None:
    """The test above with that last line, ids and all: the seed makes them the same everywhere."""
    before, altered, after = README.partition("With `[0, 10, 20]` in the last line of the test above:")
    assert altered
    source = blocks(before, "python")[-1]
    *others, last = source.splitlines()
    assert "[0, 30, 60]" in last
    result = run_pytest("\n".join([*others, last.replace("[0, 30, 60]", "[0, 10, 20]")]))
    result.assert_outcomes(failed=1)

    printed = [line.rstrip() for line in result.outlines]
    begin = next(number for number, line in enumerate(printed) if re.fullmatch(r"-+ lambda events -+", line))
    end = next(number for number, line in enumerate(printed) if number > begin and re.match(r"={3,}|-{3,}", line))
    shown = blocks(after, "text")[0].splitlines()
    assert [line.rstrip() for line in shown] == printed[begin:end]


# -- what it names -----------------------------------------------------------------------------------------------------


def row(option: Option) -> str:
    """An option's row. Where the harness decides on the default, the help says how."""
    told, _, default = option.help.removesuffix(")").partition(" (default: ")
    if option.default is not None:
        told, default = option.help, f"`{option.default}`"
    return f"| `{option.flag}` | `{option.ini}` | {default} | {told} |"


def test_the_table_of_options_is_the_table_of_options() -> None:
    """Each has a row with its flag, ini key, default and help, in order; there are no others."""
    section = README.partition("\n## Options\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [row(option) for option in OPTIONS]


@each_document
def test_every_option_that_is_named_exists(path: Path) -> None:
    """Neither a flag nor an ini key of ours is misspelt or left over."""
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"--lambda-events-[a-z-]+", text)) <= {option.flag for option in OPTIONS}
    named = set(re.findall(r"(?<![\w.])lambda_events_[a-z_]+", text)) - set(fixtures_of_the_plugin())
    assert named <= {option.ini for option in OPTIONS}


def fixtures_of_the_plugin() -> list[str]:
    """Functions with pytest's decorator, as they are written: what pytest makes of them differs between versions."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PLUGIN.rglob("*.py"))]
    return [
        node.name
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(decorator).startswith("pytest.fixture") for decorator in node.decorator_list)
        and not node.name.startswith("_")
    ]


def test_every_fixture_is_mentioned() -> None:
    """A fixture that nobody reads about does not exist."""
    assert "lambda_events" in fixtures_of_the_plugin()
    assert [name for name in fixtures_of_the_plugin() if not re.search(rf"(?<![\w.-]){name}(?![\w-])", README)] == []


def test_every_fate_is_named() -> None:
    """In the sentence that promises one to every record."""
    sentence = README.partition("**Every record has one fate**")[2].partition(".")[0]
    assert set(re.findall(r"`(\w+)`", sentence)) == set(FATES)


def test_what_is_asked_of_a_run_can_be_asked() -> None:
    """`run.this` and `aws.that` in the prose are members of a `Run` and of a `Harness`."""
    with Harness() as aws:
        owners = {"run": aws.view(), "aws": aws, "virtual_clock": aws.virtual_clock, "context": aws.lambda_context()}
        named = re.findall(r"(?<![\w.])(run|aws|virtual_clock|context)\.(\w+)", " ".join(code_spans(README)))
        assert {"run", "virtual_clock"} <= {owner for owner, _ in named}
        assert [f"{owner}.{name}" for owner, name in named if not hasattr(owners[owner], name)] == []


def test_every_name_in_capitals_exists() -> None:
    """What is written like a parameter, an attribute or a class is one."""
    named = {span for span in code_spans(README) if re.fullmatch(r"(?:[A-Z][a-z]+)+", span)}
    # members of structures, and of calls beside CreateFunction
    elsewhere = {"ClientError", "MaximumConcurrency", "ReservedConcurrentExecutions"}
    known = {*CREATE_MEMBERS, *CREATE_FUNCTION_MEMBERS, *QUEUE_ATTRIBUTES, *pytest_lambda_events.__all__, *elsewhere}
    assert {"BatchSize", "VisibilityTimeout"} <= named
    assert sorted(named - known) == []


@each_document
def test_every_link_to_a_file_leads_to_one(path: Path) -> None:
    """From where the document stands."""
    links = re.findall(r"\]\(([^)\s]+)\)", prose(path.read_text(encoding="utf-8")))
    files = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [name for name in files if not (path.parent / name).exists()] == []


def test_every_path_in_a_command_exists() -> None:
    """A command that is shown finds what it names after a clone."""
    words = [
        word
        for block in blocks(README, "console")
        for line in block.splitlines()
        if line.startswith("$ ")
        for word in line.split()
    ]
    paths = [word for word in words if word.startswith(("examples", "tests", "docs"))]
    assert "examples" in paths
    assert [name for name in paths if not (ROOT / name).exists()] == []
