"""An MSK mapping that says nothing about StartingPosition. The law: one page of AWS's requires it, another does not.

Lambda Developer Guide, "Using Lambda with Amazon MSK", and API Reference, CreateEventSourceMapping. What a mapping was
created with is known only then: AWS fills in the default, so this looks at the parameters as they were given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CODE", "FIX", "MEANING", "advise_on_creation"]

CODE: Final = "starting-position-defaulted"
MEANING: Final = "An MSK mapping was created without StartingPosition: TRIM_HORIZON is assumed, AWS may refuse it."
FIX: Final = "Say which StartingPosition."


def advise_on_creation(source: str, given: Mapping[str, Any]) -> str | None:
    """What to say, if anything; `source` is the registry's name, `given` the parameters before defaults."""
    if source != "msk" or given.get("StartingPosition") is not None:
        return None
    return (
        "StartingPosition was left out. AWS's page on Amazon MSK requires it, its API reference does not: here the "
        "mapping begins at TRIM_HORIZON, the oldest record there is. Write StartingPosition='TRIM_HORIZON' or "
        "'LATEST', so that nobody has to guess"
    )
