"""Where in an event something is, through all that is wrapped around it. The law: one spelling, for people and rules.

::

    Records[0].body → $.Message → $.auth          JSON in a text in JSON
    Records[0].kinesis.data → gzip → $.owner      compressed
    Records[0].body → $.blob → base64 → $.key
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.model.paths import path_text

if TYPE_CHECKING:
    from pytest_lambda_events.model.paths import Path

__all__ = ["ROOT", "Where"]

ROOT: Final = "$"


@dataclass(frozen=True, slots=True)
class Where:
    """A path for each layer, from the outside in: first that in the event; those of documents begin with `$`."""

    layers: tuple[Path, ...] = ((),)

    def at(self, step: str | int) -> Where:
        """What is below."""
        return Where((*self.layers[:-1], (*self.layers[-1], step)))

    def within(self, layer: str = ROOT) -> Where:
        """What is wrapped in this: a document, or `base64`, `gzip`."""
        return Where((*self.layers, (layer,)))

    @property
    def depth(self) -> int:
        """How much is wrapped around it."""
        return len(self.layers)

    @property
    def names(self) -> tuple[str, ...]:
        """The keys that say what this is, the nearest first: those of the documents that it is in.

        In the event itself no more than the last two count: what is further up are the names of queues and topics.
        """
        found: list[str] = []
        for number, layer in enumerate(self.layers):
            steps = layer[-2:] if number == 0 else layer
            found += [step for step in steps if isinstance(step, str) and step != ROOT]
        return tuple(reversed(found))

    def __str__(self) -> str:
        return " → ".join(path_text(layer) for layer in self.layers)
