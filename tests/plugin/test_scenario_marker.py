"""The marker `lambda_scenario` and the fixture `lambda_run`: every argument, and how markers add up."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.scenario import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = """
import pytest

scenario = pytest.mark.lambda_scenario

def handler(event, context):
    for record in event["Records"]:
        assert record["body"] != "poison"

def slow(event, context):
    import time
    time.sleep(5)

QUEUE = {"sqs_queue": {"name": "orders", "VisibilityTimeout": 30, "maxReceiveCount": 2}}
"""

TEMPLATE = """
Parameters:
  Stage: {Type: String}
Resources:
  Orders: {Type: "AWS::SQS::Queue", Properties: {QueueName: !Sub "${Stage}-orders", VisibilityTimeout: 60}}
  Other: {Type: "AWS::SQS::Queue", Properties: {QueueName: other}}
  F: {Type: "AWS::Lambda::Function", Properties: {Handler: deployed.handler, Runtime: python3.12, Code: .}}
  New: {Type: "AWS::Lambda::EventSourceMapping", Properties: {FunctionName: !Ref F, EventSourceArn: !GetAtt Orders.Arn}}
  Old: {Type: "AWS::Lambda::EventSourceMapping", Properties: {FunctionName: !Ref F, EventSourceArn: !GetAtt Other.Arn}}
"""

OF_TEMPLATE = 'template="template.yaml", function="F", event="New", parameters={"Stage": "x"}, handler=handler'

# each argument, and a test that passes only where it is acted on
ARGUMENTS = {
    "source": """
        @scenario(source="sqs_queue", handler=handler, records=[{"body": "a"}])
        def test_by_name(lambda_run):
            assert lambda_run.mapping.source.kind == "sqs"

        @scenario(source=QUEUE, handler=handler)
        def test_with_arguments(lambda_run):
            assert lambda_run.mapping.source.name == "orders"
    """,
    "template": f"""
        @scenario({OF_TEMPLATE})
        def test_x(lambda_run):
            assert lambda_run.mapping.source.name == "x-orders"
    """,
    "function": f"""
        @scenario(source=QUEUE, handler=slow, function={{"Timeout": 2}}, records=[{{"body": 1}}])
        def test_its_configuration(lambda_run):
            assert lambda_run.invocations[0].outcome == "timeout"

        @scenario({OF_TEMPLATE})
        def test_its_id(lambda_run):
            assert lambda_run.mapping.function.config.name.endswith("F")
    """,
    "event": """
        @scenario(template="template.yaml", function="F", event="Old", parameters={"Stage": "x"}, handler=handler)
        def test_x(lambda_run):
            assert lambda_run.mapping.source.name == "other"
    """,
    "parameters": """
        @scenario(template="template.yaml", function="F", event="New", parameters={"Stage": "y"}, handler=handler)
        def test_x(lambda_run):
            assert lambda_run.mapping.source.name == "y-orders"
    """,
    "mapping": """
        @scenario(source=QUEUE, handler=handler, mapping={"BatchSize": 1}, records=[{"body": 1}] * 3)
        def test_x(lambda_run):
            assert len(lambda_run.invocations) == 3
    """,
    "handler": """
        @scenario(source=QUEUE, handler="elsewhere:handler", records=[{"body": 1}])
        def test_a_reference(lambda_run):
            assert lambda_run.invocations[0].response == "elsewhere"

        @scenario(source=QUEUE, handler=lambda event, context: "here", records=[{"body": 1}])
        def test_a_function(lambda_run):
            assert lambda_run.invocations[0].response == "here"
    """,
    "duration": """
        @scenario(source=QUEUE, handler=handler, duration=1.5, records=[{"body": 1}])
        def test_x(lambda_run):
            assert lambda_run.invocations[0].duration == 1.5
    """,
    "records": """
        @scenario(source=QUEUE, handler=handler, records=[{"body": 1}, {"body": {"a": 2}, "at": 7}])
        def test_inline(lambda_run):
            assert [record.body for record in lambda_run.records] == ["1", '{"a":2}']
            assert [call.at for call in lambda_run.invocations] == [0, 7]

        @scenario(source=QUEUE, handler=handler, records="records.jsonl")
        def test_of_a_file(lambda_run):
            assert [record.body for record in lambda_run.records] == ["from a file"]
    """,
    "seed": """
        @scenario(source=QUEUE, handler=handler, seed=7)
        def test_x(lambda_run, lambda_events):
            assert lambda_run.seed == lambda_events.seed == 7
    """,
    "start": """
        @scenario(source=QUEUE, handler=handler, start="2030-01-01T00:00:00Z")
        def test_x(lambda_run, virtual_clock):
            assert virtual_clock.now().year == 2030
    """,
    "run_for": """
        @scenario(source=QUEUE, handler=handler, records=[{"body": "poison"}], run_for=10)
        def test_x(lambda_run):
            assert (lambda_run.elapsed, len(lambda_run.pending)) == (10, 1)
    """,
    "expect": """
        @scenario(source=QUEUE, handler=handler, records=[{"body": 1}, {"body": "poison", "at": 1}],
                  expect={"processed": [0], "dead_lettered": 1, "attempts": {1: [1, 31]}, "invocations": 3})
        def test_x():
            pass
    """,
    "allow": """
        @scenario(source=QUEUE, handler=handler, records=[{"body": "poison"}], allow=["dead_lettered"])
        def test_x():
            pass
    """,
}


@pytest.fixture
def marked(pytester: pytest.Pytester, run_pytest: Callable[..., Any]) -> Callable[..., pytest.RunResult]:
    """Run a test file that begins with what all of these need."""
    pytester.path.joinpath("template.yaml").write_text(TEMPLATE, encoding="utf-8")
    pytester.path.joinpath("records.jsonl").write_text('{"body": "from a file"}\n', encoding="utf-8")
    pytester.makepyfile(elsewhere="def handler(event, context):\n    return 'elsewhere'\n")
    pytester.syspathinsert()
    return lambda source, *options: run_pytest(HEAD + dedent(source), *options)


def test_every_argument_is_here() -> None:
    """Of those that there are."""
    assert list(ARGUMENTS) == list(KEYS)


@pytest.mark.parametrize("key", ARGUMENTS)
def test_an_argument(marked: Callable[..., pytest.RunResult], key: str) -> None:
    """Is acted on."""
    source = ARGUMENTS[key]
    marked(source).assert_outcomes(passed=len(re.findall("def test_", source)))


@pytest.mark.parametrize(
    ("key", "changed", "words"),
    [
        ("expect", ('"dead_lettered": 1', '"dead_lettered": 2'), "dead_lettered: expected 2, found 1 (record 1)"),
        ("allow", ('["dead_lettered"]', "[]"), "dead_lettered: 1 record (record 0), and allow does not name it"),
    ],
)
def test_what_is_not_as_expected_fails_the_test(
    marked: Callable[..., pytest.RunResult], key: str, changed: tuple[str, str], words: str
) -> None:
    """With the timeline and the line that reproduces it; it is no error of a fixture."""
    result = marked(ARGUMENTS[key].replace(*changed), "--lambda-events-seed=5")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*{words.replace('(', '[(]')}*", "*- lambda events -*", "*poison  -> dead_lettered*"])
    result.stdout.fnmatch_lines(["reproduce: pytest *::test_x* --lambda-events-seed=5"])


def test_a_failing_assert_shows_the_timeline(marked: Callable[..., pytest.RunResult]) -> None:
    """As with the other fixtures."""
    result = marked(ARGUMENTS["run_for"].replace("(10, 1)", "(10, 2)"))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- lambda events -*", "*poison  -> pending*"])


def test_markers_add_up_and_the_nearest_wins(marked: Callable[..., pytest.RunResult]) -> None:
    """Module, class, test and parameter, key by key; `None` takes a key back."""
    marked("""
        pytestmark = scenario(source=QUEUE, handler="nowhere:handler", records=[{"body": 1}], seed=1)

        @scenario(handler=handler, seed=2)
        class TestOrders:
            @pytest.mark.parametrize("count", [
                pytest.param(1),
                pytest.param(3, marks=scenario(records=[{"body": 1}] * 3, expect={"processed": 3})),
                pytest.param(0, marks=scenario(records=None, seed=3)),
            ])
            def test_count(self, lambda_run, count):
                assert len(lambda_run.records) == count
                assert lambda_run.seed == (3 if count == 0 else 2)
    """).assert_outcomes(passed=3)


def test_a_test_that_does_not_take_the_fixture_is_as_a_file(marked: Callable[..., pytest.RunResult]) -> None:
    """Where nothing is expected, every record has to be processed or filtered; with the fixture, that is the test's."""
    result = marked("""
        POISON = [{"body": "poison"}]

        @scenario(source=QUEUE, handler=handler, records=[{"body": "good"}])
        def test_good():
            pass

        @scenario(source=QUEUE, handler=handler, records=POISON)
        def test_bad():
            pass

        @scenario(source=QUEUE, handler=handler, records=POISON, expect={"invocations": 2})
        def test_bad_too():
            pass

        @scenario(source=QUEUE, handler=handler, records=POISON)
        def test_looked_at(lambda_run):
            pass
    """)
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["*dead_lettered: 1 record (record 0), and allow does not name it"])


def test_others_of_a_marked_module_are_left_alone(marked: Callable[..., pytest.RunResult]) -> None:
    """Without a marker of its own or the fixture there is no run, and the harness has nothing of the scenario."""
    marked("""
        pytestmark = scenario(source=QUEUE, handler="nowhere:handler", seed=7)

        def test_other():
            pass

        def test_with_a_harness(lambda_events):
            assert lambda_events.seed == 0
    """).assert_outcomes(passed=2)


def test_a_fixture_of_the_projects_own_by_that_name(marked: Callable[..., pytest.RunResult]) -> None:
    """Shadows ours without harm."""
    marked("""
        @pytest.fixture
        def lambda_run():
            return "mine"

        def test_x(lambda_run, lambda_events):
            assert lambda_run == "mine"
    """).assert_outcomes(passed=1)


def test_it_is_parametrizable_by_its_fixture(marked: Callable[..., pytest.RunResult]) -> None:
    """Indirectly, with or without a marker."""
    marked("""
        @scenario(source=QUEUE, handler=handler)
        @pytest.mark.parametrize("lambda_run", [{"records": [{"body": 1}] * n} for n in (1, 2)], indirect=True)
        def test_with(lambda_run):
            assert 1 <= len(lambda_run.processed) <= 2

        @pytest.mark.parametrize("lambda_run", [{"source": QUEUE, "handler": handler, "seed": 3}], indirect=True)
        def test_without(lambda_run):
            assert (lambda_run.records, lambda_run.seed) == ([], 3)
    """).assert_outcomes(passed=3)


def test_a_file_to_begin_with(marked: Callable[..., pytest.RunResult], pytester: pytest.Pytester) -> None:
    """Its keys, with its own paths, and others over them."""
    folder = pytester.mkdir("scenarios")
    (folder / "own.jsonl").write_text('{"body": "own"}\n', encoding="utf-8")
    (folder / "a.lambda.json").write_text(
        '{"source": "sqs_queue", "handler": "elsewhere:handler", "records": "own.jsonl", "expect": {"processed": 1}}',
        encoding="utf-8",
    )
    marked(
        """
        @scenario("scenarios/a.lambda.json")
        def test_alone():
            pass

        @scenario("scenarios/a.lambda.json", handler=handler)
        def test_changed(lambda_run):
            assert lambda_run.invocations[0].response is None
            assert lambda_run.records[0].body == "own"
        """,
        "--ignore=scenarios",
    ).assert_outcomes(passed=2)


def test_the_world_goes_on(marked: Callable[..., pytest.RunResult]) -> None:
    """The run's mapping is one of the test's harness."""
    marked("""
        @scenario(source=QUEUE, handler=handler, records=[{"body": 1}])
        def test_x(lambda_run, lambda_events):
            lambda_run.mapping.source.send("more")
            assert len(lambda_events.run_until_idle().processed) == 2
    """).assert_outcomes(passed=1)


def test_the_command_lines_seed_and_start_win(marked: Callable[..., pytest.RunResult]) -> None:
    """So that the line that reproduces a run does; an ini file's do not."""
    source = """
        @scenario(source=QUEUE, handler=handler, seed=7, start="2030-01-01T00:00:00Z")
        def test_x(lambda_run, virtual_clock):
            assert (lambda_run.seed, virtual_clock.now().year) == {}
    """
    marked(source.format("(7, 2030)"), "-o", "lambda_events_seed=3").assert_outcomes(passed=1)
    options = ("--lambda-events-seed=4", "--lambda-events-start=2031-01-01")
    marked(source.format("(4, 2031)"), *options).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "def test_x(lambda_run): pass",
            "lambda_run: which scenario? Mark the test with @pytest.mark.lambda_scenario(",
        ),
        ("@scenario\ndef test_x(lambda_run): pass", "lambda_run: which scenario?"),
        ("@scenario(5)\ndef test_x(lambda_run): pass", "lambda_scenario takes perhaps the path of a file"),
        ("@scenario('a', 'b')\ndef test_x(lambda_run): pass", "lambda_scenario takes perhaps the path of a file"),
        ("@scenario('nowhere.lambda.json')\ndef test_x(lambda_run): pass", "nowhere.lambda.json cannot be read"),
        ("@scenario(sauce=QUEUE)\ndef test_x(lambda_run): pass", "of test_x: sauce: a scenario has no such key"),
        (
            "@scenario(source=QUEUE, handler=handler, records=[{'body': 1}, {'bdy': 1}])\ndef test_x(lambda_run): pass",
            "lambda_scenario of test_x: records[[]1]: what is put?",
        ),
        (
            "@scenario(source=QUEUE, handler=handler, mapping={'BatchSize': 0})\ndef test_x(lambda_run): pass",
            "An error occurred (ValidationException) when calling the CreateEventSourceMapping operation",
        ),
        (
            "@pytest.mark.parametrize('lambda_run', [5], indirect=True)\ndef test_x(lambda_run): pass",
            "lambda_run is parametrized with scenarios' keys, a dict each, not 5",
        ),
    ],
)
def test_what_means_nothing(marked: Callable[..., pytest.RunResult], source: str, words: str) -> None:
    """Is that test's error, and says what would."""
    result = marked(source)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{words}*"])


def test_the_marker_is_known(run_pytest: Callable[..., Any]) -> None:
    """--markers tells it, and strict markers take it."""
    assert "@pytest.mark.lambda_scenario(path=None, /, **keys)" in run_pytest("", "--markers").stdout.str()


def test_a_marked_test_of_unittest(marked: Callable[..., pytest.RunResult]) -> None:
    """Has no fixtures, and runs its scenario all the same."""
    marked("""
        import unittest

        class TestOrders(unittest.TestCase):
            @scenario(source=QUEUE, handler=handler, records=[{"body": "poison"}], expect={"processed": 1})
            def test_x(self):
                pass
    """).assert_outcomes(failed=1)
