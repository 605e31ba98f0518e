"""A view without what nobody should publish. The law: what a cassette would not show, a report does not show.

Events, responses and payloads go through the project's own `Redactor`; every other text that a person may have put
something into (problems, tracebacks, ARNs, how a mapping is described) is looked through for what has a form. Ids of
records stay, because they join everything to everything. The account 123456789012 stays outside of events: it is AWS's
placeholder, and what a harness has unless a test says otherwise.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.cassette.model import Interaction, Returned
from pytest_lambda_events.errors import CassetteTooLarge, UnknownEvent
from pytest_lambda_events.model.json_writing import compact
from pytest_lambda_events.report.page.shown import records_shown, shown_in_full
from pytest_lambda_events.report.records import brief_of
from pytest_lambda_events.sources import identify

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pytest_lambda_events.cassette.redact import Redactor
    from pytest_lambda_events.model.trace import Advice, Step
    from pytest_lambda_events.report.view import CallView, ErrorView, RecordView, RunView

__all__ = ["redacted", "redacted_for_page"]

_PLACEHOLDER: Final = "123456789012"
_UNREADABLE: Final = "(not shown: it cannot be looked through)"
_PATHS: Final[Mapping[tuple[str, str], str]] = {
    ("sqs", "body"): "Records[*].body",
    ("kinesis", "data"): "Records[*].kinesis.data",
    ("dynamodb", "keys"): "Records[*].dynamodb.Keys",
    ("dynamodb", "new_image"): "Records[*].dynamodb.NewImage",
    ("dynamodb", "old_image"): "Records[*].dynamodb.OldImage",
    ("activemq", "data"): "messages[*].data",
    ("rabbitmq", "data"): "rmqMessagesByQueue[*][*].data",
    ("kafka", "key"): "records[*][*].key",
    ("kafka", "value"): "records[*][*].value",
    ("documentdb", "change"): "events[*].event",
    ("s3_batch", "key"): "tasks[*].s3Key",
}
"""Where in an event a payload stands: rules by path mean it there."""


def redacted(
    view: RunView,
    redactor: Redactor,
    *,
    calls: Collection[int] | None = None,
    records: Collection[str] | None = None,
) -> RunView:
    """The view as it may be published.

    `calls`: the places in `view.calls` of those whose events are wanted; `records`: the ids of those whose payloads are
    wanted; None means all. Of the others the event is "" and the payload empty: looking through everything takes about
    as long as the run did.
    """
    return _Redaction(view, redactor).view(calls, records)


def redacted_for_page(view: RunView, redactor: Redactor) -> RunView:
    """The view as a page shows it: no more than that is looked through."""
    return redacted(view, redactor, calls=shown_in_full(view), records=records_shown(view))


class _Redaction:
    """One view's redaction. Texts repeat (a poison record's payload, the problem it makes), so each is done once."""

    def __init__(self, view: RunView, redactor: Redactor) -> None:
        self._view = view
        self._redactor = redactor
        self._texts: dict[tuple[str, str, str], str] = {}
        self._kind = view.records[0].kind if view.records else "sqs"

    def view(self, calls: Collection[int] | None, records: Collection[str] | None) -> RunView:
        """The redacted view."""
        view = self._view
        return dataclasses.replace(
            view,
            records=tuple([self._record(one, wanted=records is None or one.id in records) for one in view.records]),
            calls=tuple(
                [self._call(one, wanted=calls is None or place in calls) for place, one in enumerate(view.calls)]
            ),
            steps=tuple([self._step(one) for one in view.steps]),
            advice=tuple([self._advice(one) for one in view.advice]),
            mappings={uuid: self._value(one) for uuid, one in view.mappings.items()},
        )

    # -- parts ----------------------------------------------------------------------------------------------------

    def _record(self, record: RecordView, *, wanted: bool) -> RecordView:
        payload, brief = self._payload(record) if wanted else ({}, "")
        return dataclasses.replace(
            record,
            payload=payload,
            brief=brief,
            destination=None if record.destination is None else self._text(record.destination),
            sources=tuple([self._text(one) for one in record.sources]),
        )

    def _payload(self, record: RecordView) -> tuple[dict[str, Any], str]:
        """Payload and brief."""
        try:
            found = {name: self._content(name, value, record) for name, value in record.payload.items()}
        except CassetteTooLarge:
            return {}, _UNREADABLE
        return found, brief_of(record.kind, found, otherwise=self._text(record.brief)) if found else ""

    def _content(self, name: str, value: Any, record: RecordView) -> Any:
        kind = record.kind
        path = _PATHS.get((kind, name), "")
        if isinstance(value, str):
            return self._text(value, kind, path)
        if isinstance(value, dict) and set(value) == {"base64"} and not record.is_change:
            data = base64.b64decode(value["base64"])
            return {"base64": base64.b64encode(self._redactor.data(data, kind, path)).decode("ascii")}
        return value if value is None else self._redactor.part(value, kind, path)

    def _call(self, call: CallView, *, wanted: bool) -> CallView:
        event_text, response = self._happened(call) if wanted and call.event_text else ("", None)
        return dataclasses.replace(
            call,
            event_text=event_text,
            response=response,
            problem=None if call.problem is None else self._text(call.problem),
            error=None if call.error is None else self._error(call.error),
        )

    def _happened(self, call: CallView) -> tuple[str, Any]:
        """Event and response."""
        event = json.loads(call.event_text)
        try:
            source = identify(event).name
        except UnknownEvent:
            source = self._kind
        try:
            after = self._redactor.interaction(Interaction(event=event, outcome=Returned(call.response)), source)
        except CassetteTooLarge:
            return json.dumps(_UNREADABLE), _UNREADABLE
        response = after.outcome.value if isinstance(after.outcome, Returned) else None
        return compact(after.event), response

    def _error(self, error: ErrorView) -> ErrorView:
        return error._replace(traceback=self._text(error.traceback))

    def _step(self, step: Step) -> Step:
        place, detail = self._text(step.place), step.detail
        if step.kind == "ended":
            outcome, failed, request_id, problem = detail
            detail = (outcome, failed, request_id, None if problem is None else self._text(problem))
        elif step.kind == "unreadable":
            detail = (detail[0], self._text(detail[1] or ""))
        elif step.kind == "advice":
            detail = (detail[0], self._text(detail[1]))
        elif step.kind == "delivered":
            detail = self._text(detail)
        return step if (place, detail) == (step.place, step.detail) else step._replace(place=place, detail=detail)

    def _advice(self, advice: Advice) -> Advice:
        return dataclasses.replace(advice, message=self._text(advice.message))

    def _value(self, value: Any) -> Any:
        """Any JSON, text by text."""
        if isinstance(value, dict):
            return {key: self._value(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._value(one) for one in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str, kind: str = "", path: str = "") -> str:
        """A text of a payload, with its source and where it stands; or any other."""
        key = (text, kind, path)
        if key not in self._texts:
            self._texts[key] = self._looked_through(text, kind, path)
        return self._texts[key]

    def _looked_through(self, text: str, kind: str, path: str) -> str:
        if kind:
            return self._redactor.text(text, kind, path)
        try:
            # around the placeholder, which an ARN has in its middle
            return _PLACEHOLDER.join([self._redactor.text(piece, self._kind) for piece in text.split(_PLACEHOLDER)])
        except CassetteTooLarge:
            return _UNREADABLE
