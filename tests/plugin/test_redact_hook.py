"""The hook `pytest_lambda_events_redact`: a project's own redaction, in its conftest.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

TEST = """
    from pytest_lambda_events.plugin.redaction import redactor_of

    def test_x(request, sqs_event):
        event = sqs_event({"name": "Jane", "mail": "jane@corp.com", "note": "x"})
        after = redactor_of(request.config).event(event, "sqs")
        print("SHOWN", after["Records"][0]["body"])
"""


def test_a_projects_hook_and_rules_act(pytester: pytest.Pytester, run_pytest: Callable[..., Any]) -> None:
    """The hook first, then the rules in pyproject.toml, then what is redacted as ever."""
    pytester.makeconftest("""
        def pytest_lambda_events_redact(event, source):
            assert source == "sqs"
            for record in event["Records"]:
                record["body"] = record["body"].replace("Jane", "somebody")
        """)
    pytester.makepyprojecttoml("""
        [[tool.lambda_events.redact.rules]]
        path = "$.note"
        action = "drop"
        """)
    result = run_pytest(TEST, "-s")
    result.assert_outcomes(passed=1)
    (shown,) = [line for line in result.outlines if "SHOWN" in line]
    assert '"name":"somebody"' in shown
    assert '"note":"dropped"' in shown
    assert '"mail":"user-' in shown


def test_without_a_hook_nothing_is_asked(run_pytest: Callable[..., Any]) -> None:
    """It is redacted as ever."""
    result = run_pytest(TEST, "-s")
    result.assert_outcomes(passed=1)
    (shown,) = [line for line in result.outlines if "SHOWN" in line]
    assert '"name":"Jane"' in shown
    assert "jane@corp.com" not in shown


def test_a_misspelt_hook_is_refused(pytester: pytest.Pytester, run_pytest: Callable[..., Any]) -> None:
    """Pytest knows ours by their arguments."""
    pytester.makeconftest("def pytest_lambda_events_redact(events): pass")
    result = run_pytest(TEST)
    assert result.ret != 0
    result.stderr.fnmatch_lines(["*pytest_lambda_events_redact*"])
