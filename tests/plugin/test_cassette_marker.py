"""The marker `lambda_cassette`: which file, and a test for each of its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.cassette import Captured, Cassette, Failure, Interaction, Returned, write
from pytest_lambda_events.events import sqs_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def cassette(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Put a cassette beside the test."""
    monkeypatch.delenv("CI", raising=False)

    def make(*outcomes: Any, name: str = "orders.json") -> Path:
        path = pytester.path / name
        interactions = tuple(
            Interaction(event=sqs_event({"order": number}, seed=number), outcome=outcome)
            for number, outcome in enumerate(outcomes)
        )
        write(
            Cassette(
                source="sqs",
                recorded_at="2025-01-01T00:00:00Z",
                recorded_by="test",
                captured=Captured(how="test"),
                interactions=interactions,
            ),
            path,
            overwrite=path.exists(),
        )
        return path

    return make


EACH = """
    import pytest

    @pytest.mark.lambda_cassette("orders.json", each="event")
    def test_x(lambda_cassette):
        lambda_cassette.replay(lambda *_: 1)
"""


def test_the_path_is_relative_to_the_test_file(run_pytest: Callable[..., Any], cassette: Any, pytester: Any) -> None:
    """Wherever pytest was started; the nearest marker wins."""
    cassette(Returned(1), name="sub/cassettes/orders.json")
    pytester.mkdir("sub/more").joinpath("test_there.py").write_text(
        "import pytest\n"
        "pytestmark = pytest.mark.lambda_cassette('nowhere.json')\n"
        "@pytest.mark.lambda_cassette('../cassettes/orders.json')\n"
        "class TestOrders:\n"
        "    def test_x(self, lambda_cassette):\n"
        "        assert len(lambda_cassette.events) == 1\n",
        encoding="utf-8",
    )
    run_pytest("").assert_outcomes(passed=1)


def test_a_test_for_each_event(run_pytest: Callable[..., Any], cassette: Any) -> None:
    """With names that say which; one that fails is one test."""
    cassette(Returned(1), Failure(type="ValueError", message="no"), Returned(2))
    result = run_pytest(EACH, "-v")
    result.assert_outcomes(passed=1, failed=2)
    lines = ["*::test_x[[]event0] PASSED*", "*::test_x[[]event1-ValueError] FAILED*", "*::test_x[[]event2] FAILED*"]
    result.stdout.fnmatch_lines(lines)
    result.stdout.fnmatch_lines(["*orders.json, event 2: the handler does otherwise than recorded*", "*| 1*"])


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (None, "missing", "CassetteMissing: *orders.json: there is no such cassette. Record it with*"),
        ("{", "broken", "CassetteBroken: *orders.json is broken: not JSON*"),
        ('{"format": "lambda-events-cassette", "version": 99}', "broken", "*upgrade to read it*"),
    ],
)
def test_a_cassette_that_cannot_be_read_is_that_tests_error(
    run_pytest: Callable[..., Any], pytester: Any, content: str | None, name: str, words: str
) -> None:
    """The others are collected and run."""
    if content is not None:
        pytester.path.joinpath("orders.json").write_text(content, encoding="utf-8")
    result = run_pytest(f"{EACH}\n    def test_other():\n        pass\n")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"*ERROR at setup of test_x[[]{name}]*", f"*{words}"])


def test_a_cassette_without_events(run_pytest: Callable[..., Any], cassette: Any) -> None:
    """One test, of nothing."""
    cassette()
    result = run_pytest(EACH, "-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*test_x[[]empty] PASSED*"])


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("", "lambda_cassette: which cassette? Mark the test with @pytest.mark.lambda_cassette"),
        ("@pytest.mark.lambda_cassette", "takes a path"),
        ("@pytest.mark.lambda_cassette(5)", "takes a path"),
        ("@pytest.mark.lambda_cassette('a.json', 'b.json')", "takes a path"),
        ("@pytest.mark.lambda_cassette('a.json', every='event')", "takes a path"),
        ("@pytest.mark.lambda_cassette('a.json', each='record')", "each='record'; there is each=\"event\""),
    ],
)
def test_a_marker_that_means_nothing(run_pytest: Callable[..., Any], marker: str, words: str) -> None:
    """Says what it should be."""
    result = run_pytest(f"import pytest\n{marker}\ndef test_x(lambda_cassette):\n    pass\n")
    result.assert_outcomes(errors=1)
    assert words in result.stdout.str()


def test_each_without_the_fixture(run_pytest: Callable[..., Any], cassette: Any) -> None:
    """There would be nothing to parametrise."""
    cassette(Returned(1))
    result = run_pytest(EACH.replace("(lambda_cassette)", "()"))
    result.assert_outcomes(errors=1)
    assert "does not take the fixture lambda_cassette" in result.stdout.str()


def test_the_marker_is_known(run_pytest: Callable[..., Any]) -> None:
    """--markers tells it, and strict markers take it."""
    assert "@pytest.mark.lambda_cassette(path, each=None)" in run_pytest("", "--markers").stdout.str()


def test_collecting_imports_nothing_dear(run_fresh_pytest: Callable[..., Any], cassette: Any) -> None:
    """A file is read to know its events; neither moto nor responses is needed for that."""
    cassette(Returned(1), Returned(1))
    result = run_fresh_pytest(
        """
        import sys
        import pytest

        @pytest.mark.lambda_cassette("orders.json", each="event")
        def test_x(lambda_cassette):
            assert lambda_cassette.event["Records"]
            assert not {"moto", "boto3", "botocore", "responses", "requests", "freezegun"} & set(sys.modules)
        """
    )
    result.assert_outcomes(passed=2)
