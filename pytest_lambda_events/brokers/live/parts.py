"""What the sources of one live harness have in common. The law: values that are handed on, and nothing decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.live.patience import Patience
    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.trace import Ledger

__all__ = ["LiveParts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveParts:
    """`region` and `account` stand in ARNs; `patience` also tells this harness's sources from another's."""

    clock: Clock
    ledger: Ledger
    identifiers: Identifiers
    patience: Patience
    region: str
    account: str

    def uuid_of(self, address: str) -> str:
        """A UUID that an address always has: for ARNs of what has none."""
        return str(uuid5(NAMESPACE_URL, address))
