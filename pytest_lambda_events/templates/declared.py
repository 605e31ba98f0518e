"""What a template declares, whatever its language. The law: frozen values with AWS's names; what the template leaves
open stands in its place as `Unresolved`, and is asked for by name when it is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.templates.placed import Place

__all__ = [
    "Code",
    "Declared",
    "DeclaredBroker",
    "DeclaredFunction",
    "DeclaredMapping",
    "DeclaredQueue",
    "DeclaredStream",
    "DeclaredTable",
    "DeclaredTopic",
    "Note",
    "Template",
    "Unresolved",
    "names_open_in",
    "settled",
]

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A value that the template does not have: the names by which it can be given, and where it is used."""

    names: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something in the template that was left out, and where."""

    message: str
    place: Place

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredQueue:
    """A queue of SQS: `attributes` are CreateQueue's, a RedrivePolicy is a dict in it."""

    id: str
    name: str
    arn: str
    url: str
    attributes: Mapping[str, Any]
    place: Place
    places: Mapping[str, Place] = field(default_factory=lambda: _NOTHING, hash=False)
    tags: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)

    @property
    def redrive(self) -> Mapping[str, Any]:
        """Its redrive policy; empty without one, or where it is not settled."""
        found = self.attributes.get("RedrivePolicy")
        return found if isinstance(found, Mapping) else _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredStream:
    """A stream of Kinesis: `attributes` are CreateStream's, and RetentionPeriodHours; `consumers` are ARNs by name."""

    id: str
    name: str
    arn: str
    attributes: Mapping[str, Any]
    place: Place
    places: Mapping[str, Place] = field(default_factory=lambda: _NOTHING, hash=False)
    consumers: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTable:
    """A table of DynamoDB: `attributes` are CreateTable's, `ttl` its time-to-live attribute."""

    id: str
    name: str
    arn: str
    stream_arn: str
    attributes: Mapping[str, Any]
    place: Place
    places: Mapping[str, Place] = field(default_factory=lambda: _NOTHING, hash=False)
    ttl: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTopic:
    """A topic of SNS (`kind` "sns") or a bucket of S3 ("s3"): where records go that were given up, or come from."""

    id: str
    name: str
    arn: str
    kind: str
    attributes: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredBroker:
    """A cluster or broker: `kind` is the registry's name of the source that it serves."""

    id: str
    name: str
    arn: str
    kind: str
    place: Place


Declared: TypeAlias = "DeclaredQueue | DeclaredStream | DeclaredTable | DeclaredTopic | DeclaredBroker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Where a function's code is: `path` is a directory or a zip file beside the template, `text` a module in it."""

    path: str | None = None
    text: str | None = None
    handler: str | None = None
    runtime: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFunction:
    """A function: `parameters` are CreateFunction's as far as they matter here, and ReservedConcurrentExecutions.

    `event_invoke` is PutFunctionEventInvokeConfig's, `uses` are the ids of the resources that its environment names,
    and `names` are other words for it.
    """

    id: str
    name: str
    parameters: Mapping[str, Any]
    place: Place
    code: Code = Code()
    places: Mapping[str, Place] = field(default_factory=lambda: _NOTHING, hash=False)
    event_invoke: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, hash=False)
    uses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredMapping:
    """A mapping: `parameters` are CreateEventSourceMapping's, EventSourceArn and FunctionName among them.

    `function` is the id of the function (or the name that the template gives for one that it does not declare),
    `qualifier` the alias or version, `condition` what decides whether the mapping exists, where that is open.
    """

    id: str
    function: str
    parameters: Mapping[str, Any]
    place: Place
    places: Mapping[str, Place] = field(default_factory=lambda: _NOTHING, hash=False)
    qualifier: str | None = None
    names: tuple[str, ...] = ()
    condition: Unresolved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Everything that a file declares. `dialect` is cloudformation, sam, serverless or terraform."""

    file: str
    dialect: str
    functions: tuple[DeclaredFunction, ...]
    mappings: tuple[DeclaredMapping, ...]
    resources: tuple[Declared, ...]
    notes: tuple[Note, ...] = ()
    subscriptions: tuple[Mapping[str, Any], ...] = ()

    def function(self, wanted: str) -> DeclaredFunction:
        """The function of this id, or of another word for it. Errors: `TemplateError` that names those there are."""
        for words in (lambda one: (one.id,), lambda one: one.names, lambda one: (one.name,)):
            found = [one for one in self.functions if wanted in words(one)]
            if len(found) == 1:
                return found[0]
            if found:
                raise TemplateError(
                    f"{self.file}: {wanted!r} may be any of {', '.join(one.id for one in found)}; give one of these"
                )
        there = [one.id for one in self.functions]
        raise TemplateError(
            f"{self.file} declares no function {wanted!r}{nearest(wanted, there)}; it has {', '.join(there) or 'none'}"
        )

    def mappings_of(self, function: str) -> tuple[DeclaredMapping, ...]:
        """Those of a function, by its id."""
        return tuple(one for one in self.mappings if one.function == function)

    def mapping(self, function: str, event: str | None = None) -> DeclaredMapping:
        """The mapping of a function by its own id, or by another word for it; it may be left out for the only one.

        Errors: `TemplateError` that names those there are.
        """
        found = self.function(function)
        there = self.mappings_of(found.id)
        words = ", ".join((one.names or (one.id,))[0] for one in there) or "none"
        if event is None:
            if len(there) == 1:
                return there[0]
            raise TemplateError(
                f"{self.file}: function {found.id} has {len(there)} event source mappings; "
                + (f"say which with event=: {words}" if there else "its other events are no mappings")
            )
        named = [one for one in there if event == one.id or event in one.names]
        if len(named) != 1:
            raise TemplateError(
                f"{self.file}: function {found.id} has {'no' if not named else 'more than one'} event source mapping "
                f"{event!r}{nearest(event, [name for one in there for name in (*one.names, one.id)])}; it has {words}"
            )
        return named[0]

    def resource(self, arn: object) -> Declared | None:
        """The resource that this ARN is of: its own, its stream's or one of its consumers'."""
        for one in self.resources:
            if arn == one.arn or (isinstance(one, DeclaredTable) and arn == one.stream_arn):
                return one
            if isinstance(one, DeclaredStream) and arn in one.consumers.values():
                return one
        return None

    def by_id(self, identifier: str) -> Declared | None:
        """The resource of this id."""
        return next((one for one in self.resources if one.id == identifier), None)


def _unresolved_in(value: Any) -> Iterator[Unresolved]:
    """Everything that is open in a value."""
    if isinstance(value, Unresolved):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _unresolved_in(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _unresolved_in(one)


def names_open_in(value: Any) -> tuple[str, ...]:
    """The names by which what is open in a value can be given, each once."""
    return tuple(dict.fromkeys(name for one in _unresolved_in(value) for name in one.names))


def settled(*values: Any) -> None:
    """Insist that nothing is open in these values. Errors: `TemplateError` that asks for all of it at once, by name."""
    wanted: dict[str, Place] = {}
    for one in _unresolved_in(values):
        for name in one.names:
            wanted.setdefault(name, one.place)
    if wanted:
        places = "; ".join(f"{name} (used at {place})" for name, place in wanted.items())
        give = ", ".join(f'"{name}": ...' for name in wanted)
        raise TemplateError(
            f"the template leaves open {places}. Give parameters={{{give}}}, on the command line "
            + " ".join(f"--parameter '{name}=...'" for name in wanted),
            missing=tuple(wanted),
        )
