"""Redaction as a project under test has it: its rules, its hook. The law: a thin shell, as all of the plugin.

PYTEST_DONT_REWRITE: there are no assertions here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from pytest_lambda_events.cassette.redact import Redactor

__all__ = ["redactor_of"]


def redactor_of(config: pytest.Config, *, unkept: bytes | None = None) -> Redactor:
    """What redacts for this run: by the rules of the project, after its hook `pytest_lambda_events_redact`.

    `unkept` is the key of the pseudonyms where the project keeps none; one that nobody knows when left out.
    """
    from pytest_lambda_events.cassette.redact import Redactor, rules_from
    from pytest_lambda_events.cassette.redact.keys import found_key

    def before(event: Any, source: str) -> None:
        config.hook.pytest_lambda_events_redact(event=event, source=source)

    rules = rules_from(config.rootpath)
    if unkept is None or found_key(rules)[1]:
        return Redactor(rules, before=before)
    return Redactor(rules, key=unkept, before=before)
