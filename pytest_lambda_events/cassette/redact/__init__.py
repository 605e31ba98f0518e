"""Taking out of captured events what nobody should commit. The law: on by default, as deep as it is wrapped, truthful.

The facade: names are resolved when they are first used (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.model.late_names import late_names

if TYPE_CHECKING:
    from pytest_lambda_events.cassette.redact.redactor import Redactor
    from pytest_lambda_events.cassette.redact.rules import Rule, Rules, read_rules, rules_from

__all__ = ["Redactor", "Rule", "Rules", "read_rules", "rules_from"]

_HOMES = {
    "Redactor": "cassette.redact.redactor",
    **dict.fromkeys(("Rule", "Rules", "read_rules", "rules_from"), "cassette.redact.rules"),
}


__getattr__ = late_names(globals(), _HOMES)
