"""Every error this package raises, and how they hang together.

::

    LambdaEventsError                 catch this for anything that we raise
    ├── UsageError                    a call that cannot mean anything: wrong type, unknown name, unusable payload
    │   ├── HandlerNotUsable          not callable, cannot be imported, or `async def`
    │   ├── InvalidPattern            a filter pattern that AWS would not take; says where and why (in `filtering`)
    │   ├── UnknownEvent              no source sends such an event; names the nearest
    │   ├── TemplateError             a template cannot be read, or leaves open what is asked; says where, what to give
    │   ├── ScenarioError             a scenario or a file of records cannot be read; says where: file, line and key
    │   └── NotSimulated              AWS would take it; this version does not act on it yet
    ├── ClockError                    virtual time cannot do that: backwards, a ticking freeze
    │   └── ClockStuck                code waits in a loop for a clock that only moves by sleeping
    ├── NotConnected                  live mode: a broker cannot be reached, refuses us, or went away
    ├── CallLeftProcess               an AWS call would have left the process
    ├── UnsupportedMoto               this moto's internals are not the ones that we know how to stand in for
    ├── ConservationError             a record was lost or doubled: a bug of ours, please report it
    ├── AdviceGiven                   strict mode: something works here and bites in production; carries the run
    ├── CassetteError                 a cassette cannot be read or written; says which, where in it, and what to do
    │   ├── CassetteBroken            no cassette, a broken one, or one of a newer version: never taken for missing
    │   ├── CassetteMissing           there is no such file
    │   ├── CassetteTooLarge          more than its cap, in bytes or in values
    │   ├── CassetteDifference        a handler does otherwise than was recorded; an AssertionError, too
    │   ├── CallNotRecorded           a handler made an HTTP call that its cassette has not; shows the nearest
    │   └── SecretFound               it would hold a secret, so it is not written; names the paths, not the secrets
    ├── TraceError                    a trace file cannot be read; says which, where in it, and what to do
    ├── ScenarioDifference            a scenario does not end as expected; an AssertionError, too; carries the run
    └── RunLimitReached               a run did not come to rest within its bounds; carries the run

    UserWarning
    └── TemplateWarning               a template has a property that is not known, and it was left out

    BaseException
    └── DeadlinePassed                raised inside a handler whose Timeout ended; not an Exception, so that
                                      `except Exception` in the handler does not swallow it

    botocore.exceptions.ClientError
    └── AwsRefusal                    AWS's own code and message, plus our hint; made by `aws_refusal()`

    UserWarning
    └── CassetteWarning               silence or raise it with pytest's `filterwarnings`
        ├── CassetteAging             a cassette is older than it should be
        └── CassetteUnused            something in a cassette was not used

The law of this module: each message says what happened, with the values, and what to do about it.
`AwsRefusal` exists only after the first refusal, because its base class costs an import of botocore.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

__all__ = [
    "AdviceGiven",
    "CallLeftProcess",
    "CallNotRecorded",
    "CassetteAging",
    "CassetteBroken",
    "CassetteDifference",
    "CassetteError",
    "CassetteMissing",
    "CassetteTooLarge",
    "CassetteUnused",
    "CassetteWarning",
    "ClockError",
    "ClockStuck",
    "ConservationError",
    "DeadlinePassed",
    "HandlerNotUsable",
    "LambdaEventsError",
    "NotConnected",
    "NotSimulated",
    "RunLimitReached",
    "ScenarioDifference",
    "ScenarioError",
    "SecretFound",
    "TemplateError",
    "TemplateWarning",
    "TraceError",
    "UnknownEvent",
    "UnsupportedMoto",
    "UsageError",
    "aws_refusal",
]


class LambdaEventsError(Exception):
    """Base of all errors of this package (but see `DeadlinePassed` and `aws_refusal`)."""


class UsageError(LambdaEventsError):
    """The call cannot mean anything: a wrong type, an unknown name, a payload that cannot be serialised."""


class HandlerNotUsable(UsageError):
    """The handler is not callable, cannot be imported, or is a coroutine function."""


class UnknownEvent(UsageError):
    """No source sends such an event. `nearest` is the name of the source that it is most like, or None."""

    def __init__(self, event: Any, nearest: str | None) -> None:
        if isinstance(event, dict):
            found = f"an object with {', '.join(map(repr, event)) or 'no key'}"
        else:
            found = f"a {type(event).__name__}, and an event is an object"
        like = f"; it is most like one of {nearest}: `validate` says what is wrong with it" if nearest else ""
        super().__init__(f"this is no event of any source: {found:.300}{like}")
        self.nearest = nearest


class TemplateError(UsageError):
    """A template cannot be read, or does not say what was asked of it. The message has file, line and path.

    `missing` are the names of the values that the template leaves open, to be given as `parameters`.
    """

    def __init__(self, message: str, *, missing: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.missing = missing


class ScenarioError(UsageError):
    """A scenario, or a file of its records, cannot be read, or names what is not there. The message has the place."""


class TemplateWarning(UserWarning):
    """A template has a property that is not known, so that it has no effect here."""


class NotSimulated(UsageError):
    """AWS would accept this; this version of the package would silently ignore it, so it refuses."""


class ClockError(LambdaEventsError):
    """Virtual time was asked for something it does not do."""


class ClockStuck(ClockError):
    """The handler read the clock over and over without sleeping: on virtual time such a loop never ends."""


class NotConnected(LambdaEventsError):
    """Live mode: the broker cannot be reached, refused what was asked, or went away."""


class CallLeftProcess(LambdaEventsError):
    """An AWS call would have left the process while a harness was active."""


class UnsupportedMoto(LambdaEventsError):
    """The installed moto does not have the internals that the exact engines replace."""


class ConservationError(LambdaEventsError):
    """A record has no place, or two. This is a bug in this package."""


class RunLimitReached(LambdaEventsError):
    """A run did not come to rest within its bounds.

    `run` is everything that happened until then (a `Run`).
    """

    def __init__(self, message: str, run: Any) -> None:
        super().__init__(message)
        self.run = run


class ScenarioDifference(LambdaEventsError, AssertionError):
    """A scenario does not end as expected. The message lists what is different; `run` is the run."""

    def __init__(self, message: str, run: Any) -> None:
        super().__init__(message)
        self.run = run


class TraceError(LambdaEventsError):
    """A trace file cannot be read. The message says which, what is wrong with it and where, and what to do."""


class AdviceGiven(LambdaEventsError):
    """Strict mode: there is advice about a run, and advice is a failure. `run` is the run, with its `advice`."""

    def __init__(self, run: Any) -> None:
        lines = [f"  {one.code}: {one.message}" for one in run.advice]
        super().__init__(
            "\n".join(("strict mode: this works here and bites in production", *lines, "(silence=[code] accepts one)"))
        )
        self.run = run


class CassetteError(LambdaEventsError):
    """A cassette cannot be read or written."""


class CassetteBroken(CassetteError):
    """The file is no cassette, a broken one, or one of a newer version. It is never treated as missing."""


class CassetteMissing(CassetteError):
    """There is no such file."""


class CassetteTooLarge(CassetteError):
    """A cassette has more bytes or values than it may have."""


class SecretFound(CassetteError):
    """A cassette would hold secrets, so it is not written. `paths` says where they are; the message shows none."""

    def __init__(self, message: str, paths: tuple[str, ...]) -> None:
        super().__init__(message)
        self.paths = paths


class CassetteDifference(CassetteError, AssertionError):
    """A handler does otherwise than was recorded. The message shows both side by side."""


class CallNotRecorded(CassetteError):
    """A handler made an HTTP call that its cassette has not. The message shows the nearest one that it has."""


class CassetteWarning(UserWarning):
    """Base of all warnings about cassettes."""


class CassetteAging(CassetteWarning):
    """A cassette was recorded longer ago than it should be."""


class CassetteUnused(CassetteWarning):
    """A test used a cassette, and not all that is in it."""


class DeadlinePassed(BaseException):
    """The function's Timeout ended while the handler slept or waited. On AWS the process is frozen at this point."""


@cache
def _refusal_class() -> type[ClientError]:
    from botocore.exceptions import ClientError

    class AwsRefusal(ClientError):
        """What AWS answers to a call it does not accept, with a hint of ours behind it."""

        hint: str

        def __init__(self, response: Any, operation: str, hint: str) -> None:
            super().__init__(response, operation)
            self.hint = hint

        def __str__(self) -> str:
            text = super().__str__()
            return f"{text}\nHint: {self.hint}" if self.hint else text

    AwsRefusal.__module__ = __name__
    AwsRefusal.__qualname__ = "AwsRefusal"
    return AwsRefusal


def aws_refusal(operation: str, code: str, message: str, hint: str = "", status: int = 400) -> ClientError:
    """Make the error that boto3 would raise: `operation` in PascalCase, AWS's `code` and `message` word for word.

    The result is a subclass of `botocore.exceptions.ClientError`; `hint` is ours, shown after AWS's words and
    kept in `.hint`. `status` is the HTTP status code.
    """
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return _refusal_class()(response, operation, hint)  # type: ignore[call-arg, arg-type]
