"""How many batches of one mapping may be with the function at once. The law: pure, from values to a number.

One at a time, as documented in docs/decisions.md: AWS starts with five pollers, which makes the split of small batches
a matter of chance; ours is the one that is always allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_lambda_events.model.mapping import MappingConfig

__all__ = ["free_slots"]


def free_slots(config: MappingConfig, running: int) -> int:
    """How many more invocations may begin now, while `running` are under way."""
    return max(_slots(config) - running, 0)


def _slots(_config: MappingConfig) -> int:
    return 1
