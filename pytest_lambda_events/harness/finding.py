"""Where the sources of a world are: those that were made here, in memory, and those in moto. The law: what AWS would
refuse is refused in AWS's words; only then is something said to be missing.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar, cast

from botocore.exceptions import ClientError

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.filtering.judging import why_refused
from pytest_lambda_events.model.function import read_function
from pytest_lambda_events.model.mapping import read_mapping
from pytest_lambda_events.model.mapping_source import source_of
from pytest_lambda_events.model.refusal import Refusal, said_by
from pytest_lambda_events.sources import rules_of
from pytest_lambda_events.sources.sqs.broker import adopt_queue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.trace import Ledger

__all__ = ["MISSING", "Sources"]

T = TypeVar("T")

_IN_MOTO: Final = ("sqs", "sqs_fifo", "kinesis", "dynamodb")  # where a source may be that was not made here
_MADE_WITH: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "msk": ("topic", "msk_topic"),
        "kafka": ("topic", "kafka_topic"),
        "activemq": ("queue", "activemq_queue"),
        "rabbitmq": ("queue", "rabbitmq_queue"),
        "documentdb": ("database or collection", "documentdb_collection"),
    }
)  # what is nowhere but here, and the method that makes it
MISSING: Final = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "ResourceNotFoundException")
"""What moto answers of a queue or a stream that is not there."""
_MISSING_QUEUE: Final = (
    "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: "
    "The specified queue does not exist."
)
_ROOMS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "msk": ("kafka",),
        "kafka": ("kafka",),
        "documentdb": ("documentdb",),
        # nothing but VIRTUAL_HOST tells the engine, and that may be left out
        "activemq": ("rabbitmq", "activemq"),
        "rabbitmq": ("rabbitmq", "activemq"),
    }
)  # where to look for a source in memory, by its kind
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Sources:
    """The sources of one world."""

    def __init__(self, *, clock: Clock, ledger: Ledger, identifiers: Identifiers, surface: MotoSurface) -> None:
        self._clock = clock
        self._ledger = ledger
        self._identifiers = identifiers
        self._surface = surface
        self._rooms: dict[str, Any] = {}

    def room(self, name: str, make: Callable[..., T]) -> T:
        """Where the sources of a service without a mock are; made when it is first asked for."""
        if name not in self._rooms:
            region, account = self._surface.region, self._surface.account
            self._rooms[name] = make(self._clock, self._ledger, self._identifiers, region=region, account=account)
        return cast("T", self._rooms[name])

    def find(
        self,
        reference: str | None,
        parameters: Mapping[str, Any] = _NOTHING,
        function: Mapping[str, Any] = _NOTHING,
    ) -> Any:
        """A source by ARN (or URL), or None where `parameters` say what it is (a self-managed cluster).

        Errors: AWS's words for one that does not exist, or for a mapping that it would refuse; only then `NotSimulated`
        for a topic, a broker's queue or a collection that was not made here.
        """
        if reference is None or reference.startswith("arn:"):
            kind = self.kind_of(reference, parameters)
        elif reference.startswith(("http://", "https://")):
            kind = "sqs"
        else:
            raise UsageError(f"an event source is named by its ARN, not by {reference!r}")
        found = self.in_memory(kind, reference, parameters)
        if found is not None:
            return found
        if reference is None or kind not in _IN_MOTO:
            self._refuse_unsimulated(kind, reference, parameters, function)
        try:
            return self._found(kind, reference)
        except ClientError as error:
            code, hint = error.response["Error"]["Code"], getattr(error, "hint", "")
            if code not in MISSING:
                raise
            words = _MISSING_QUEUE if kind in ("sqs", "sqs_fifo") else f"Stream not found: {reference}"
            with said_by("CreateEventSourceMapping"):
                raise Refusal("InvalidParameterValueException", words, hint) from None

    def kind_of(self, reference: str | None, parameters: Mapping[str, Any]) -> str:
        """The registry's name of a source by its ARN. Errors: AWS's words for what is none, as a `ClientError`."""
        with said_by("CreateEventSourceMapping"):
            return source_of(reference, parameters)

    def in_memory(self, kind: str, reference: str | None, parameters: Mapping[str, Any]) -> Any:
        """The source of a service without a mock that these are about; None when it was not made here."""
        for name in _ROOMS.get(kind, ()):
            room = self._rooms.get(name)
            found = None if room is None else room.mapped(reference, parameters)
            if found is not None:
                return found
        return None

    def _found(self, kind: str, reference: str) -> Any:
        """The source that is there under this reference. Errors: AWS's for one that is not, as a `ClientError`."""
        if kind == "kinesis":
            from pytest_lambda_events.sources.kinesis.broker import adopt_stream

            return adopt_stream(reference, self._surface, self._clock, self._ledger, identifiers=self._identifiers)
        if kind == "dynamodb":
            from pytest_lambda_events.sources.dynamodb.broker import adopt_table

            return adopt_table(reference, self._surface, self._clock, self._ledger)
        return adopt_queue(reference, self._surface, self._clock, self._ledger)

    def _refuse_unsimulated(
        self, kind: str, reference: str | None, parameters: Mapping[str, Any], function: Mapping[str, Any]
    ) -> NoReturn:
        with said_by("CreateFunction"):
            config = read_function(
                function, default_name="function", region=self._surface.region, account=self._surface.account
            )
        with said_by("CreateEventSourceMapping"):
            read_mapping(
                parameters,
                rules_of(kind),
                source_arn=reference or "",
                visibility_ms=None,
                function_timeout_ms=config.timeout_ms,
                now_ms=self._clock.now_ms,
                check_filters=why_refused,
            )
        where = reference or "a self-managed cluster"
        what, maker = _MADE_WITH[kind]
        raise NotSimulated(
            f"{where}: AWS would accept this mapping, but its {what} is not here; make it with {maker}(...), and map "
            "what that returns"
        )
