"""From the keys of a scenario to its values. The law: whatever is wrong is said with the place where it stands and the
nearest name that would have been right; nothing is left out silently.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pytest_lambda_events.advice import MEANINGS
from pytest_lambda_events.errors import ScenarioError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.records import FATES
from pytest_lambda_events.scenario.files import read_records
from pytest_lambda_events.scenario.model import Expected, Row, Scenario
from pytest_lambda_events.templates.placed import PlacedDict, PlacedList

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.templates.placed import Place

__all__ = ["FACTORIES", "KEYS", "read_scenario"]

KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "source": "the source: a factory's name, or it with its arguments, {sqs_queue: {name: orders}}",
        "template": "in its place, a template (SAM, CloudFormation, CDK, Terraform, serverless.yml) that declares all",
        "function": "with a template, the function's id in it; otherwise CreateFunction's names",
        "event": "of a template's function, which of its mappings",
        "parameters": "values that the template leaves open",
        "mapping": "CreateEventSourceMapping's parameters, without a template",
        "handler": "module:function (in a marker, also the function); with a template it may be left out",
        "duration": "how many seconds an invocation lasts, for handlers that do not sleep",
        "records": "what is put into the source, and when; or the path of a JSON Lines file",
        "seed": "the seed of all ids; the command line's wins",
        "start": "where virtual time begins, ISO 8601; the command line's wins",
        "run_for": "how many seconds to run (otherwise until nothing more happens)",
        "expect": "how it should end: fates with counts or record numbers, invocations, attempts, advice",
        "allow": "how records may end beside processed and filtered",
    }
)
"""Each key of a scenario, and what it is."""

FACTORIES: Final = (
    "sqs_queue",
    "kinesis_stream",
    "dynamodb_table",
    "documentdb_collection",
    "msk_topic",
    "kafka_topic",
    "activemq_queue",
    "rabbitmq_queue",
    "s3_batch_job",
)
"""What makes sources, and a job."""

_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_BESIDE_FATES: Final = ("invocations", "attempts", "advice")
_OF_TEMPLATES: Final = ("event", "parameters")


def read_scenario(given: PlacedDict) -> Scenario:
    """Read a scenario's keys; paths in it are the caller's to resolve (`files.located`). Errors: `ScenarioError`."""
    reader = _Reader(given)
    for key in given:
        if key not in KEYS:
            refuse(given.place(key), f"a scenario has no such key{nearest(key, KEYS)}; there are {', '.join(KEYS)}")
    reader.choose_source()
    template = reader.text("template")
    function = given.get("function")
    return Scenario(
        place=given.origin,
        places={key: given.place(key) for key in given},
        source=reader.source(),
        template=template,
        function_id=reader.text("function") if template is not None else None,
        event=reader.text("event"),
        parameters=reader.mapping("parameters"),
        mapping=reader.mapping("mapping"),
        function=reader.mapping("function") if template is None and function is not None else {},
        handler=reader.handler(),
        duration=reader.number("duration") or 0,
        rows=tuple(reader.rows()),
        seed=reader.integer("seed"),
        start=reader.text("start"),
        run_for=reader.number("run_for"),
        expect=reader.expected(),
        allow=reader.allowed(),
    )


def refuse(place: Place, why: str) -> NoReturn:
    """Say what is wrong, and where."""
    raise ScenarioError(f"{place}: {why}") from None


class _Reader:
    """The keys of one scenario."""

    def __init__(self, given: PlacedDict) -> None:
        self._given = given

    # -- plain values -----------------------------------------------------------------------------------------------

    def text(self, key: str) -> str | None:
        """A text, or None."""
        found = self._given.get(key)
        if found is not None and not isinstance(found, str):
            self._refuse(key, f"a text should stand here, not {found!r:.80}")
        return found

    def integer(self, key: str) -> int | None:
        """A whole number, or None."""
        found = self._given.get(key)
        if found is not None and not _is_integer(found):
            self._refuse(key, f"a whole number should stand here, not {found!r:.80}")
        return found

    def number(self, key: str) -> float | None:
        """Seconds, or None."""
        found = self._given.get(key)
        if found is not None and not is_seconds(found):
            self._refuse(key, f"a number of seconds should stand here, not {found!r:.80}")
        return found

    def mapping(self, key: str) -> dict[str, Any]:
        """Names and values; nothing where it is left out."""
        found = self._given.get(key)
        if found is None:
            return {}
        if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
            self._refuse(key, f"a mapping should stand here, not {found!r:.80}")
        return plain(found)  # type: ignore[no-any-return]

    def _refuse(self, key: str, why: str) -> NoReturn:
        refuse(self._given.place(key), why)

    # -- what is mapped to what -------------------------------------------------------------------------------------

    def choose_source(self) -> None:
        """Either a source or a template, and what goes with it."""
        given = {key for key, value in self._given.items() if value is not None}
        if ("source" in given) == ("template" in given):
            what = "not both" if "source" in given else "and here is neither"
            refuse(self._given.origin, f"a scenario has a source or a template, {what}")
        if "template" in given:
            if "mapping" in given:
                self._refuse("mapping", "the template says what the mapping is: leave one of them out")
            if "function" not in given:
                refuse(self._given.origin, "which function of the template? Give its id as function")
            return
        for key in _OF_TEMPLATES:
            if key in given:
                self._refuse(key, "this belongs to a template, and there is none")
        if "handler" not in given:
            refuse(self._given.origin, "which handler? Give it as handler, module:function")
        if "mapping" in given and self.source()[0] == "s3_batch_job":  # type: ignore[index]
            self._refuse("mapping", "a job of S3 Batch Operations has no mapping: it calls the function by itself")

    def source(self) -> tuple[str, Mapping[str, Any]] | None:
        """A factory and its arguments."""
        found = self._given.get("source")
        if found is None:
            return None
        if isinstance(found, str):
            found = {found: {}}
        if not isinstance(found, dict) or len(found) != 1:
            self._refuse("source", f"a factory and its arguments should stand here, {{sqs_queue: {{}}}}, not {found!r}")
        ((name, arguments),) = found.items()
        if name not in FACTORIES:
            self._refuse("source", f"there is no {name!r}{nearest(str(name), FACTORIES)}; {', '.join(FACTORIES)}")
        if arguments is not None and not isinstance(arguments, dict):
            self._refuse("source", f"{name}: its arguments are a mapping, not {arguments!r:.80}")
        called = (arguments or {}).get("name")
        if called is not None and not isinstance(called, str):
            self._refuse("source", f"{name}: its name is a text, not {called!r:.80}")
        return name, plain(arguments or {})

    def handler(self) -> Callable[[Any, Any], Any] | str | None:
        """A function, or where one is."""
        found = self._given.get("handler")
        if found is not None and not isinstance(found, str) and not callable(found):
            self._refuse("handler", f"module:function should stand here, not {found!r:.80}")
        return found

    # -- records ----------------------------------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        """What is put, in order."""
        found = self._given.get("records")
        if isinstance(found, str):
            found = read_records(found)
        elif found is not None and not isinstance(found, (list, tuple)):
            self._refuse("records", f"a list of records or the path of a file should stand here, not {found!r:.80}")
        return [_row(one, self._place_of(found, number)) for number, one in enumerate(found or ())]

    def _place_of(self, rows: Any, number: int) -> Place:
        """Where a record begins."""
        row = rows[number]
        if isinstance(row, PlacedDict):
            return row.origin
        return rows.place(number) if isinstance(rows, PlacedList) else self._given.place("records").at(number)

    # -- what is expected -------------------------------------------------------------------------------------------

    def expected(self) -> Expected:
        """The key `expect`."""
        found = self.mapping("expect")
        self._known("expect", found, (*FATES, *_BESIDE_FATES))
        fates: dict[Fate, int | tuple[int, ...]] = {}
        for fate in FATES:
            if fate in found:
                fates[fate] = self._records(fate, found[fate])
        advice = found.get("advice")
        if advice is not None:
            self._codes(advice)
        return Expected(
            fates=fates or None,
            invocations=self._count("invocations", found["invocations"]) if "invocations" in found else None,
            attempts=self._attempts(found["attempts"]) if "attempts" in found else None,
            advice=None if advice is None else frozenset(advice),
        )

    def _known(self, key: str, names: Any, known: tuple[str, ...]) -> None:
        for name in names:
            if name not in known:
                self._refuse(key, f"there is no {name!r}{nearest(str(name), known)}; {', '.join(known)}")

    def _count(self, name: str, value: Any) -> int:
        if not _is_integer(value) or value < 0:
            self._refuse("expect", f"{name}: a count should stand here, not {value!r:.80}")
        return value  # type: ignore[no-any-return]

    def _records(self, name: str, value: Any) -> int | tuple[int, ...]:
        if not isinstance(value, (list, tuple)):
            return self._count(name, value)
        return tuple(sorted({self._count(name, one) for one in value}))

    def _attempts(self, value: Any) -> dict[int, tuple[float, ...]]:
        """Seconds by the number of a record; in a file the number is a text."""
        if not isinstance(value, dict):
            self._refuse("expect", f"attempts: a mapping of record numbers should stand here, not {value!r:.80}")
        found = {}
        for number, seconds in value.items():
            key = int(number) if isinstance(number, str) and _NUMBER.fullmatch(number) else number
            if not isinstance(seconds, (list, tuple)) or not all(is_seconds(one) for one in seconds):
                self._refuse("expect", f"attempts of {number}: a list of seconds, not {seconds!r:.80}")
            found[self._count("attempts", key)] = tuple(seconds)
        return found

    def _codes(self, value: Any) -> None:
        if not isinstance(value, (list, tuple)):
            self._refuse("expect", f"advice: a list of codes should stand here, not {value!r:.80}")
        self._known("expect", value, tuple(MEANINGS))

    def allowed(self) -> tuple[Fate, ...] | None:
        """The key `allow`."""
        found = self._given.get("allow")
        if found is None:
            return None
        names = (found,) if isinstance(found, str) else found
        if not isinstance(names, (list, tuple)):
            self._refuse("allow", f"fates should stand here, not {found!r:.80}")
        self._known("allow", names, FATES)
        return tuple(names)


def _row(value: Any, place: Place) -> Row:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        refuse(place, f"a record should stand here, {{body: …, at: 5}}, not {value!r:.80}")
    places = {key: value.place(key) for key in value} if isinstance(value, PlacedDict) else {}
    return Row(values=plain(value), place=place, places=places)


def plain(value: Any) -> Any:
    """The same, of dicts and lists that do not know where they stand."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def is_seconds(value: Any) -> bool:
    """Whether it is a number of seconds."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
