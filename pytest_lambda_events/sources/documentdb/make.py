"""Realistic documents and updates, from what a user writes. The law: what a driver adds is added here.

A document gets its `_id` as a driver would make it, and has it first, where MongoDB moves it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.change_making import Changes
from pytest_lambda_events.model.document_paths import check_paths
from pytest_lambda_events.model.extended_json import extended
from pytest_lambda_events.model.extended_json_forms import is_wrapped
from pytest_lambda_events.model.paths import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_lambda_events.identifiers import Identifiers

__all__ = ["changes_from", "document_from", "object_id_maker"]

_COUNTER_LIMIT: Final = 2**24


def object_id_maker(identifiers: Identifiers) -> Callable[[int], dict[str, str]]:
    """What makes the ObjectIds of one driver, each in its second: that second, the driver's five bytes, its counter."""
    dice = identifiers.stream("object-id")
    process = f"{dice.getrandbits(40):010x}"
    counter = dice.randrange(_COUNTER_LIMIT)

    def new(seconds: int) -> dict[str, str]:
        nonlocal counter
        counter = (counter + 1) % _COUNTER_LIMIT
        return {"$oid": f"{seconds:08x}{process}{counter:06x}"}

    return new


def document_from(payload: Any, *, new_id: Callable[[], Any], whole: bool) -> dict[str, Any]:
    """A document in extended JSON, `_id` first; `new_id` makes it where there is none.

    JSON text of an object is that document. Where it need not be `whole`, anything else is the `_id` alone. Errors:
    `UsageError` for what is no document, and for what MongoDB does not store.
    """
    found = _parsed(payload)
    if not isinstance(found, Mapping) or is_wrapped(found):
        if whole or found is None:
            raise UsageError(
                f"a document is an object, such as a dict, and this is a {type(payload).__name__}: {payload!r:.80}"
            )
        found = {"_id": found}
    document: dict[str, Any] = extended(found)
    key = document.pop("_id", ABSENT)
    if isinstance(key, list):
        raise UsageError(f"document._id: MongoDB takes no array as an _id, and this is {key!r:.80}")
    return {"_id": new_id() if key is ABSENT else key, **document}


def _parsed(payload: Any) -> Any:
    """JSON text of an object as that object; anything else as it is."""
    try:
        found = json.loads(payload) if isinstance(payload, (str, bytes)) else None
    except ValueError:
        return payload
    return found if isinstance(found, dict) else payload


def changes_from(changes: Mapping[str, Any] | None, removed: Iterable[str] | None) -> Changes:
    """What an update does; the value `ABSENT` removes a field.

    Errors: `UsageError` for an update that does nothing, and for what MongoDB refuses (MongoDB Manual, "Update
    Operators").
    """
    given = changes or {}
    updated = {path: value for path, value in given.items() if value is not ABSENT}
    gone = (*(path for path in given if path not in updated), *(removed or ()))
    if not updated and not gone:
        raise UsageError("an update that changes nothing emits no event: give changes= or removed=")
    check_paths([*updated, *gone], "changes")
    return Changes(
        updated={path: extended(value, f"changes[{path!r}]") for path, value in updated.items()}, removed=gone
    )
