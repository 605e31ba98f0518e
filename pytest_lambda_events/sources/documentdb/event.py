"""DocumentDB's event: the JSON that Lambda hands to the function. The law: key by key as captured on AWS.

Written as text, because text is what Lambda sends and what its 6 MB count. Captures and rules: docs/sources.
"""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.model.change_event import ChangeEvent

__all__ = ["DocumentDbEventShape"]

_quoted: Callable[[str], str] = encode_basestring


class DocumentDbEventShape:
    """What a poller needs to make events of the changes of the cluster `arn`."""

    def __init__(self, arn: str) -> None:
        self._start = f'{{"eventSourceArn":{_quoted(arn)},"events":['
        self._end = '],"eventSource":"aws:docdb"}'
        self.overhead = len(self._start) + len(self._end)

    def record_text(self, record: ChangeEvent) -> str:
        """One change event as compact JSON."""
        return f'{{"event":{record.text}}}'

    def event_text(self, record_texts: Sequence[str]) -> str:
        """The event around the records."""
        return f"{self._start}{','.join(record_texts)}{self._end}"
