"""Cassettes: captured events, safe to commit and stable in diffs. The law: data, never code; a file is whole or absent.

The facade: names are resolved when they are first used (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.model.late_names import late_names

if TYPE_CHECKING:
    from pytest_lambda_events.cassette.making import new_cassette
    from pytest_lambda_events.cassette.migrating import migrate
    from pytest_lambda_events.cassette.model import (
        Captured,
        Cassette,
        Failure,
        HttpCall,
        HttpRequest,
        HttpResponse,
        Interaction,
        Redacted,
        Returned,
    )
    from pytest_lambda_events.cassette.pour import CapturedRecord
    from pytest_lambda_events.cassette.replaying import Replayed, replay
    from pytest_lambda_events.cassette.saving import save
    from pytest_lambda_events.cassette.store import load, write

__all__ = [
    "Captured",
    "CapturedRecord",
    "Cassette",
    "Failure",
    "HttpCall",
    "HttpRequest",
    "HttpResponse",
    "Interaction",
    "Redacted",
    "Replayed",
    "Returned",
    "load",
    "migrate",
    "new_cassette",
    "replay",
    "save",
    "write",
]

_MODEL = (
    "Captured",
    "Cassette",
    "Failure",
    "HttpCall",
    "HttpRequest",
    "HttpResponse",
    "Interaction",
    "Redacted",
    "Returned",
)
_HOMES = {
    **dict.fromkeys(_MODEL, "cassette.model"),
    "CapturedRecord": "cassette.pour",
    "Replayed": "cassette.replaying",
    "load": "cassette.store",
    "migrate": "cassette.migrating",
    "new_cassette": "cassette.making",
    "replay": "cassette.replaying",
    "save": "cassette.saving",
    "write": "cassette.store",
}


__getattr__ = late_names(globals(), _HOMES)
