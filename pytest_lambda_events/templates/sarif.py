"""Advice as SARIF 2.1.0, which code reviews show beside the lines. The law: pure; a log of one run.

OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from pytest_lambda_events.advice import MEANINGS
from pytest_lambda_events.advice.fixes import FIXES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.templates.advising import Advised, Remark
    from pytest_lambda_events.templates.placed import Place

__all__ = ["sarif_log"]

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif_log(advised: Sequence[Advised], version: str) -> dict[str, Any]:
    """The log of these templates; `version` is the tool's."""
    codes = sorted({remark.code for one in advised for remark in one.remarks})
    notifications = [
        {"level": "warning", "message": {"text": note.message}, "locations": [_location(note.place)]}
        for one in advised
        for note in one.notes
    ]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "lambda-events", "version": version, "rules": [_rule(code) for code in codes]}
                },
                "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
                "results": [_result(remark, codes) for one in advised for remark in one.remarks],
            }
        ],
    }


def _rule(code: str) -> dict[str, Any]:
    fix = FIXES[code]
    return {
        "id": code,
        "shortDescription": {"text": MEANINGS[code]},
        "help": {"text": f"{MEANINGS[code]} Fix: {fix}", "markdown": f"{MEANINGS[code]} **Fix:** {fix}"},
    }


def _result(remark: Remark, codes: Sequence[str]) -> dict[str, Any]:
    return {
        "ruleId": remark.code,
        "ruleIndex": codes.index(remark.code),
        "level": remark.level,
        "message": {"text": remark.message},
        "locations": [_location(remark.place, remark.mapping)],
    }


def _location(place: Place, mapping: str | None = None) -> dict[str, Any]:
    path = Path(place.file)
    uri = path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if place.line is not None:
        physical["region"] = {"startLine": place.line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if place.path:
        logical = {"fullyQualifiedName": place.path, **({"name": mapping} if mapping else {})}
        location["logicalLocations"] = [logical]
    return location
