"""DocumentDB's event: the JSON that Lambda hands to the function. The law: key by key as captured on AWS.

Written as text, because text is what Lambda sends and what its 6 MB count. Captures and rules: docs/sources.

A change stream is one shard, read in order by one poller: `order_key` and `window_text` are what a stream's poller may
ask of any source, and no mapping of DocumentDB has parameters that make it ask.
"""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from pytest_lambda_events.model.change_event import ChangeEvent

__all__ = ["DocumentDbEventShape"]

_quoted: Callable[[str], str] = encode_basestring


class DocumentDbEventShape:
    """What a poller needs to make events of the changes of the cluster `arn`.

    `text_of` gives a change's text as it is read, which for an update may hold the document of that moment
    (FullDocument is UpdateLookup); without it a change travels as it was written.
    """

    def __init__(self, arn: str, text_of: Callable[[ChangeEvent], str] | None = None) -> None:
        self._start = f'{{"eventSourceArn":{_quoted(arn)},"events":['
        self._end = '],"eventSource":"aws:docdb"}'
        self._text_of = text_of
        self.overhead = len(self._start) + len(self._end)

    def record_text(self, record: ChangeEvent) -> str:
        """One change event as compact JSON."""
        text = record.text if self._text_of is None else self._text_of(record)
        return f'{{"event":{text}}}'

    def event_text(self, record_texts: Sequence[str]) -> str:
        """The event around the records."""
        return f"{self._start}{','.join(record_texts)}{self._end}"

    @staticmethod
    def window_text(_record_texts: Sequence[str], _window: Any, *, shard_id: str, moment_ms: int) -> str:
        """Errors: `UsageError`: there are no tumbling windows over a change stream."""
        del moment_ms
        raise UsageError(f"{shard_id}: a change stream has no tumbling windows; leave TumblingWindowInSeconds out")

    @staticmethod
    def item_identifier(record: ChangeEvent) -> str:
        """What names the change: its resume token."""
        return record.id

    @staticmethod
    def order_key(_record: ChangeEvent) -> Hashable:
        """What is kept in order: the whole stream."""
        return "stream"
