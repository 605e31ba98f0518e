"""Advice on every mapping of a template, without running anything. The law: the same advisers as after a run, on the
facts that a template has; and what AWS would refuse, in its words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from pytest_lambda_events.advice import (
    MAPPING_REFUSED,
    advice_on,
    concurrency_above_reserved,
    dead_letter_retention,
    endless_retries,
    failures_not_reported,
    filter_drops_all,
    latest_loses,
    no_dead_letter_queue,
    receive_count,
    starting_position_defaulted,
    visibility_timeout,
)
from pytest_lambda_events.advice.facts import Facts, Measured, QueueFacts
from pytest_lambda_events.errors import TemplateError, UsageError
from pytest_lambda_events.filtering.advice import ADVICE as OF_FILTERS
from pytest_lambda_events.filtering.judging import advice_on_filters, unmatchable, why_refused
from pytest_lambda_events.model.function import read_function
from pytest_lambda_events.model.mapping import read_mapping
from pytest_lambda_events.model.mapping_source import source_of
from pytest_lambda_events.model.parameters import CREATE_MEMBERS, lower_camel
from pytest_lambda_events.model.queue_attributes import check_queue_attributes
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.sources import named, rules_of
from pytest_lambda_events.templates.declared import DeclaredBroker, DeclaredQueue, Note, settled
from pytest_lambda_events.templates.identities import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_lambda_events.model.function import FunctionConfig
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.templates.declared import DeclaredFunction, DeclaredMapping, Template
    from pytest_lambda_events.templates.placed import Place

__all__ = ["Advised", "Remark", "advise"]

Level: TypeAlias = Literal["error", "warning", "note"]

_NOTES: Final = frozenset((*OF_FILTERS, failures_not_reported.CODE, latest_loses.CODE))
_SUPPLIED: Final = ("EventSourceArn", "FunctionName")
_NOT_ASKED: Final = ("DurableConfig", "Environment", "Role", "TenancyConfig")
_DEFAULT_VISIBILITY_S: Final = 30
_DEFAULT_RETENTION_S: Final = 345_600

_PROPERTIES: Final[Mapping[str, tuple[str, str]]] = {
    concurrency_above_reserved.CODE: ("mapping", "ScalingConfig"),
    dead_letter_retention.CODE: ("dead", "MessageRetentionPeriod"),
    endless_retries.CODE: ("mapping", "MaximumRetryAttempts"),
    failures_not_reported.CODE: ("mapping", "FunctionResponseTypes"),
    filter_drops_all.CODE: ("mapping", "FilterCriteria"),
    latest_loses.CODE: ("mapping", "StartingPosition"),
    no_dead_letter_queue.CODE: ("queue", "RedrivePolicy"),
    receive_count.CODE: ("queue", "RedrivePolicy"),
    starting_position_defaulted.CODE: ("mapping", "StartingPosition"),
    visibility_timeout.CODE: ("queue", "VisibilityTimeout"),
    **dict.fromkeys(OF_FILTERS, ("mapping", "FilterCriteria")),
}
"""Whose property a piece of advice is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A piece of advice on a mapping: its code, what to say, how bad it is, and where. `mapping` and `function` are the
    ids that the template has.
    """

    code: str
    message: str
    level: Level
    place: Place
    mapping: str
    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """What there is to say about a template: `mappings` were looked at; `notes` is what was left out."""

    file: str
    mappings: tuple[str, ...]
    remarks: tuple[Remark, ...]
    notes: tuple[Note, ...]


def advise(template: Template, functions: Iterable[str] = (), *, region: str = "us-east-1") -> Advised:
    """Advice on the mappings of these functions, or of all.

    Errors: `TemplateError` for a function that there is not, for a template without mappings, and for values that it
    leaves open and that decide.
    """
    wanted = [template.function(name).id for name in functions]
    mappings = [one for one in template.mappings if not wanted or one.function in wanted]
    if not mappings:
        whose = f" of {', '.join(wanted)}" if wanted else ""
        raise TemplateError(
            f"{template.file} declares no event source mapping{whose}, so there is nothing to advise on"
        )
    looked = [_Looking(template, one, region) for one in mappings]
    settled(*(value for one in looked for value in one.needed()))
    remarks = [remark for one in looked for remark in one.remarks()]
    return Advised(
        file=template.file,
        mappings=tuple(one.id for one in mappings),
        remarks=tuple(sorted(remarks, key=lambda one: one.place.line or 0)),
        notes=(*template.notes, *dict.fromkeys(note for one in looked for note in one.notes)),
    )


class _Looking:
    """One mapping, with its function and its queue, where the template has them."""

    def __init__(self, template: Template, mapping: DeclaredMapping, region: str) -> None:
        self._mapping = mapping
        self._region = region
        self._function: DeclaredFunction | None = next(
            (one for one in template.functions if one.id == mapping.function), None
        )
        self._source = template.resource(mapping.parameters.get("EventSourceArn"))
        self._queue = self._source if isinstance(self._source, DeclaredQueue) else None
        dead = template.resource(self._queue.redrive.get("deadLetterTargetArn")) if self._queue is not None else None
        self._dead = dead if isinstance(dead, DeclaredQueue) else None
        self.notes: list[Note] = []
        if self._function is None:
            self._note(f"function {mapping.function!r} is not declared here: its Timeout is not looked at")
        if self._queue is None and ":sqs:" in str(mapping.parameters.get("EventSourceArn")):
            self._note(f"{mapping.parameters['EventSourceArn']} is not declared here: its attributes are not looked at")

    def _note(self, message: str) -> None:
        self.notes.append(Note(message=message, place=self._mapping.place))

    def needed(self) -> Iterator[Any]:
        """Everything that decides."""
        yield self._mapping.parameters
        yield self._mapping.condition
        if isinstance(self._source, DeclaredBroker):
            yield self._source.kind
        for queue in (self._queue, self._dead):
            if queue is not None:
                yield queue.attributes
        if self._function is not None:
            yield {name: value for name, value in self._function.parameters.items() if name not in _NOT_ASKED}

    def remarks(self) -> Iterator[Remark]:
        """What there is to say."""
        given = self._mapping.parameters
        parameters = {name: value for name, value in given.items() if name not in _SUPPLIED}
        try:
            function = self._read_function()
            kind = (
                self._source.kind
                if isinstance(self._source, DeclaredBroker)
                else source_of(given.get("EventSourceArn"), parameters)
            )
            config = self._read_mapping(parameters, kind, function)
        except Refusal as refusal:
            hint = f" ({refusal.hint})" if refusal.hint else ""
            yield self._remark(MAPPING_REFUSED, f"{refusal.code}: {refusal.message}{hint}", self._blamed(refusal))
            return
        except UsageError as error:
            raise TemplateError(f"{self._mapping.place}: {error}") from error
        defaulted = starting_position_defaulted.advise_on_creation(kind, parameters)
        if defaulted is not None:
            yield self._remark(starting_position_defaulted.CODE, defaulted)
        for code, message in (
            *advice_on(self._facts(config, kind, function)),
            *advice_on_filters(given.get("FilterCriteria")),
        ):
            yield self._remark(code, message)

    def _read_function(self) -> FunctionConfig | None:
        if self._function is None:
            return None
        given = {name: value for name, value in self._function.parameters.items() if name not in _NOT_ASKED}
        return read_function(given, default_name=self._function.id, region=self._region, account=ACCOUNT)

    def _read_mapping(self, parameters: Mapping[str, Any], kind: str, function: FunctionConfig | None) -> MappingConfig:
        visibility_ms = None
        if self._queue is not None:
            check_queue_attributes(self._queue.attributes, fifo=bool(self._queue.attributes.get("FifoQueue")))
            visibility_ms = self._seconds(self._queue, "VisibilityTimeout", _DEFAULT_VISIBILITY_S)
        # what is not simulated is no reason not to advise
        rules = replace(rules_of(kind), not_simulated=frozenset())
        return read_mapping(
            parameters,
            rules,
            source_arn=self._mapping.parameters.get("EventSourceArn") or "",
            visibility_ms=visibility_ms,
            function_timeout_ms=function.timeout_ms if function is not None else 0,
            check_filters=why_refused,
        )

    @staticmethod
    def _seconds(queue: DeclaredQueue, name: str, default: int) -> int:
        return int(queue.attributes.get(name, default)) * 1000

    def _facts(self, config: MappingConfig, kind: str, function: FunctionConfig | None) -> Facts:
        return Facts(
            family=named(kind).family,
            source_arn=self._mapping.parameters.get("EventSourceArn") or "the topic",
            parameters=config.parameters,
            batch_size=config.batch_size,
            window_ms=config.window_ms,
            reports_failures=config.reports_failures,
            function_timeout_ms=function.timeout_ms if function is not None else 0,
            metrics={},
            measured=Measured(),
            queue=self._queue_facts(),
            planned=True,
            starting_position=config.starting_position or config.parameters.get("StartingPosition"),
            reserved_concurrency=function.reserved_concurrency if function is not None else None,
            unmatchable=unmatchable(config.parameters.get("FilterCriteria"), kind),
        )

    def _queue_facts(self) -> QueueFacts | None:
        queue, dead = self._queue, self._dead
        if queue is None:
            return None
        most = queue.redrive.get("maxReceiveCount")
        return QueueFacts(
            visibility_ms=self._seconds(queue, "VisibilityTimeout", _DEFAULT_VISIBILITY_S),
            retention_ms=self._seconds(queue, "MessageRetentionPeriod", _DEFAULT_RETENTION_S),
            is_fifo=bool(queue.attributes.get("FifoQueue")),
            max_receive_count=int(most) if most is not None else None,
            dead_letter_retention_ms=None
            if dead is None
            else self._seconds(dead, "MessageRetentionPeriod", _DEFAULT_RETENTION_S),
        )

    # -- places -----------------------------------------------------------------------------------------------------

    def _remark(self, code: str, message: str, place: Place | None = None) -> Remark:
        level: Level = "error" if code == MAPPING_REFUSED else "note" if code in _NOTES else "warning"
        return Remark(
            code=code,
            message=message,
            level=level,
            place=place or self._place(code),
            mapping=self._mapping.id,
            function=self._mapping.function,
        )

    def _place(self, code: str) -> Place:
        whose, name = _PROPERTIES[code]
        owner = {"queue": self._queue, "dead": self._dead}.get(whose) or self._mapping
        return owner.places.get(name, owner.place)

    def _blamed(self, refusal: Refusal) -> Place:
        """The property that AWS's sentence names."""
        words = set(re.findall(r"\w+", refusal.message))
        if "visibility" in words and self._queue is not None:
            return self._queue.places.get("VisibilityTimeout", self._queue.place)
        for owner in (self._mapping, self._queue, self._function):
            for name, place in owner.places.items() if owner is not None else ():
                if words & {name, lower_camel(name)} and (name in CREATE_MEMBERS or owner is not self._mapping):
                    return place
        return self._mapping.place
