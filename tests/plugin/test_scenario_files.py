"""Files `*.lambda.yaml` and `*.lambda.json` as tests: every key, broken ones, and what they cost."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.scenario import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

HANDLER = """
def handler(event, context):
    for record in event["Records"]:
        assert record["body"] != "poison"

def slow(event, context):
    import time
    time.sleep(5)
"""

TEMPLATE = """
Parameters:
  Stage: {Type: String}
Resources:
  Orders: {Type: "AWS::SQS::Queue", Properties: {QueueName: !Sub "${Stage}-orders", VisibilityTimeout: 60}}
  Fifo: {Type: "AWS::SQS::Queue", Properties: {QueueName: other.fifo, FifoQueue: true}}
  F: {Type: "AWS::Lambda::Function", Properties: {Handler: scenario_app.handler, Runtime: python3.12, Code: .}}
  New: {Type: "AWS::Lambda::EventSourceMapping", Properties: {FunctionName: !Ref F, EventSourceArn: !GetAtt Orders.Arn}}
  Old: {Type: "AWS::Lambda::EventSourceMapping", Properties: {FunctionName: !Ref F, EventSourceArn: !GetAtt Fifo.Arn}}
"""

INLINE = (
    "source: {sqs_queue: {name: orders, VisibilityTimeout: 30, maxReceiveCount: 2}}\nhandler: scenario_app:handler\n"
)
OF_TEMPLATE = "template: ../template.yaml\nfunction: F\nevent: New\nparameters: {Stage: test}\n"
POISON = "records: [{body: poison}]\n"

# for each key a file that passes, and what makes it fail: a change of that key, and words of the failure
CASES: dict[str, tuple[str, tuple[str, str], str]] = {
    "source": (
        f"{INLINE}{POISON}allow: dead_lettered\n",
        ("name: orders", "fifo: true"),
        "MessageGroupId",
    ),
    "template": (
        f"{OF_TEMPLATE}records: [{{body: 1}}]\n",
        ("../template", "../nowhere"),
        "nowhere.yaml cannot be read",
    ),
    "function": (f"{OF_TEMPLATE}records: [{{body: 1}}]\n", ("function: F", "function: G"), "'G'"),
    "event": (f"{OF_TEMPLATE}records: [{{body: 1}}]\n", ("event: New", "event: Old"), "MessageGroupId"),
    "parameters": (f"{OF_TEMPLATE}records: [{{body: 1}}]\n", ("Stage: test", "Stag: test"), "Stage"),
    "mapping": (
        f"{INLINE}records: [{{body: 1}}, {{body: 1}}]\nmapping: {{BatchSize: 1}}\nexpect: {{invocations: 2}}\n",
        ("BatchSize: 1", "BatchSize: 2"),
        "invocations: expected 2, found 1",
    ),
    "handler": (f"{INLINE}records: [{{body: 1}}]\n", (":handler\n", ":nothing\n"), "has no 'nothing'"),
    "duration": (
        f"{INLINE}duration: 2\nrecords: [{{body: 1}}]\n",
        ("duration: 2", "duration: 5"),
        "dead_lettered: 1 record (record 0), and allow does not name it",
    ),
    "records": (
        f"{INLINE}records: more.jsonl\n",
        ("records: more.jsonl", "records: [{body: poison}]"),
        "dead_lettered",
    ),
    "seed": (f"{INLINE}seed: 7\n", ("seed: 7", "seed: seven"), ":3: seed: a whole number should stand here"),
    "start": (f"{INLINE}start: 2030-01-01T00:00:00Z\n", ("2030-01-01T00:00:00Z", "soon"), "soon"),
    "run_for": (
        f"{INLINE}{POISON}run_for: 10\nallow: [pending]\n",
        ("run_for: 10", "run_for: 100"),
        "dead_lettered: 1",
    ),
    "expect": (
        f"{INLINE}{POISON}expect: {{dead_lettered: [0], attempts: {{0: [0, 30]}}}}\n",
        ("0: [0, 30]", "0: [0, 60]"),
        "attempts of record 0: expected [0, 60], found [0.0, 30.0]",
    ),
    "allow": (
        f"{INLINE}{POISON}allow: [dead_lettered]\n",
        ("allow: [dead_lettered]", "allow: [pending]"),
        "dead_lettered: 1",
    ),
}


@pytest.fixture
def scenarios(pytester: pytest.Pytester, run_pytest: Callable[..., Any]) -> Callable[..., pytest.RunResult]:
    """Write scenario files beside a template and a handler, and run them."""
    pytester.path.joinpath("template.yaml").write_text(TEMPLATE, encoding="utf-8")
    pytester.makepyfile(scenario_app=HANDLER)
    folder = pytester.mkdir("scenarios")
    (folder / "more.jsonl").write_text('{"body": "a", "at": 1}\n{"body": "b", "at": 2}\n', encoding="utf-8")

    def run(*options: str, **files: str) -> pytest.RunResult:
        for name, text in files.items():
            (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
        return run_pytest("", *options)

    return run


def test_every_key_is_here() -> None:
    """Of those that there are."""
    assert list(CASES) == list(KEYS)


@pytest.mark.parametrize("key", CASES)
def test_a_key(scenarios: Callable[..., pytest.RunResult], key: str) -> None:
    """Is acted on: with another value the test fails, and says why in place of a traceback."""
    text, change, words = CASES[key]
    assert change[0] in text
    scenarios(good__lambda__yaml=text).assert_outcomes(passed=1)
    result = scenarios(good__lambda__yaml=text.replace(*change))
    result.assert_outcomes(failed=1)
    assert words in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    assert "scenarios.py" not in result.stdout.str()


def test_what_a_failure_shows(scenarios: Callable[..., pytest.RunResult]) -> None:
    """Expected and found, the timeline, and the line that reproduces it."""
    text = f"{INLINE}records: [{{body: good}}, {{body: poison, at: 100}}]\nexpect: {{processed: 2}}\nseed: 3\n"
    result = scenarios(orders__lambda__yaml=text)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "scenarios?orders.lambda.yaml F*",
            "*_ orders.lambda.yaml _*",
            "*orders.lambda.yaml:1: not as expected",
            "  processed: expected 2, found 1 (record 0)",
            "  dead_lettered: expected 0, because expect does not name it, found 1 (record 1)",
            "*- lambda events -*",
            "*poison  -> dead_lettered",
            "*100 s  sent to orders",
            'reproduce: pytest "scenarios/orders.lambda.yaml::orders" --lambda-events-seed=3',
            "FAILED scenarios/orders.lambda.yaml::orders*",  # pytest 8.0 says no more
        ]
    )
    again = scenarios("scenarios/orders.lambda.yaml::orders", "--lambda-events-seed=4")
    again.stdout.fnmatch_lines(["*--lambda-events-seed=4"])


def test_yaml_yml_and_json(scenarios: Callable[..., pytest.RunResult]) -> None:
    """Each is a test; other files are none."""
    json = '{"source": "sqs_queue", "handler": "scenario_app:handler", "records": [{"body": 1}]}'
    result = scenarios(
        "-v", a__lambda__yaml=INLINE, b__lambda__yml=INLINE, c__lambda__json=json, d__yaml="a: [", lambda__yaml="a: ["
    )
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines([f"scenarios/{name} PASSED*" for name in ("a.lambda.yaml::a", "b.lambda.yml::b")])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "broken.lambda.yaml: this is not YAML"),
        ("", "one YAML document is a scenario, and here are 0"),
        (f"{INLINE}sed: 1\n", "broken.lambda.yaml:3: sed: a scenario has no such key (did you mean 'seed'?)"),
        (f"{INLINE}records:\n- body: 1\n- bdy: 1\n", "broken.lambda.yaml:5: records[1]: what is put?"),
        (f"{INLINE}records: nowhere.jsonl\n", "nowhere.jsonl cannot be read"),
        (f"{INLINE}mapping: {{BatchSize: 0}}\n", "An error occurred (ValidationException)"),
    ],
)
def test_a_broken_file_is_a_failed_test(scenarios: Callable[..., pytest.RunResult], text: str, words: str) -> None:
    """With line and key; the others run."""
    result = scenarios(broken__lambda__yaml=text, sound__lambda__yaml=INLINE)
    result.assert_outcomes(passed=1, failed=1)
    assert words in result.stdout.str()


def test_a_bug_of_ours_has_its_traceback(
    scenarios: Callable[..., pytest.RunResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not taken for a broken file."""
    monkeypatch.setattr("pytest_lambda_events.scenario.read_scenario", lambda given: 1 / 0)
    result = scenarios(a__lambda__yaml=INLINE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*1 / 0*", "*ZeroDivisionError*"])


def test_options_hold_for_files(scenarios: Callable[..., pytest.RunResult]) -> None:
    """Strict mode, and silence."""
    result = scenarios("--lambda-events-strict", a__lambda__yaml=INLINE)
    result.assert_outcomes(failed=1)
    assert "strict mode: this works here and bites in production" in result.stdout.str()


def test_the_handler_is_found_beside_the_file(
    scenarios: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    """And `sys.path` is afterwards what it was."""
    (pytester.path / "scenarios" / "beside_app.py").write_text("def handler(event, context): ...\n", encoding="utf-8")
    pytester.makepyfile(
        test_z="import sys\ndef test_z():\n    assert not [one for one in sys.path if one.endswith('scenarios')]\n"
    )
    text = INLINE.replace("scenario_app", "beside_app")
    scenarios(a__lambda__yaml=text, b__lambda__yaml=text).assert_outcomes(passed=3)


def test_collecting_imports_no_engine(pytester: pytest.Pytester, run_fresh_pytest: Callable[..., Any]) -> None:
    """Neither without a file nor with one that is not run."""
    pytester.path.joinpath("a.lambda.yaml").write_text("a: [", encoding="utf-8")
    pytester.makeconftest(
        dedent(
            """
            import sys

            def pytest_unconfigure(config):
                dear = {"boto3", "botocore", "freezegun", "moto", "yaml"}
                print("DEAR", sorted(dear & {name.partition(".")[0] for name in sys.modules}))
                print("OURS", "pytest_lambda_events.plugin.scenarios" in sys.modules)
            """
        )
    )
    result = run_fresh_pytest("def test_x(): pass", "--collect-only", "-q", "-s")
    result.stdout.fnmatch_lines(["a.lambda.yaml::a", "DEAR []", "OURS True"])
    result = run_fresh_pytest("def test_x(): pass", "--ignore=a.lambda.yaml", "-s")
    result.stdout.fnmatch_lines(["DEAR []", "OURS False"])
