"""A handler's HTTP calls to third parties, recorded or answered while it runs. The law: what a cassette answers never
reaches the network, and what belongs to AWS is somebody else's: moto's, where it is active.

`responses` stands in for what `requests` sends through. Other mocks of it (moto has one, users have theirs) may begin
before or after this one: what they do not know comes here, what is not for here goes to those before.

`responses` sees `requests` alone. What another client (urllib, urllib3, httpx) is about to send is refused while
answers are played, since it would leave the machine; while recording there is a warning.
"""

from __future__ import annotations

import http.client
import re
import sys
import threading
import warnings
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast
from unittest import mock
from urllib.parse import urlsplit

from pytest_lambda_events.cassette.calls import HOW, clean_request, clean_response
from pytest_lambda_events.cassette.model import Failure, HttpCall
from pytest_lambda_events.errors import CallNotRecorded, CassetteWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lambda_events.cassette.calls import Tape
    from pytest_lambda_events.cassette.model import HttpRequest

__all__ = ["HttpBooth"]

_AWS: Final = re.compile(r"(?:.+\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)", re.IGNORECASE)
_LOOPBACK: Final = re.compile(r"localhost|127(?:\.[0-9]+){3}|\[?::1\]?", re.IGNORECASE)


class HttpBooth:
    """Where the HTTP calls of one or more invocations go.

    With a `tape` they are answered from it. With `recording` those that it has not (all, without one) are made, and
    noted in `made` and `added`; those that were answered in `made`. `refused` are the errors of those that could be
    neither.
    """

    def __init__(self, tape: Tape | None, *, recording: bool) -> None:
        self.made: list[HttpCall] = []
        self.added: list[HttpCall] = []
        self.refused: list[CallNotRecorded] = []
        self._tape = tape
        self._recording = recording
        self._lock = threading.Lock()
        self._thread = threading.local()
        self._before: Any = None
        self._is_needed = recording or "requests" in sys.modules or bool(tape is not None and tape.unused)

    @contextmanager
    def taking_calls(self) -> Iterator[None]:
        """Take calls while the context is open.

        Where nothing can be answered or recorded, and nobody has loaded requests, it stays unloaded: what a handler
        then sends with it, having loaded it only now, is refused like that of any other client.
        """
        if not self._is_needed:
            with self._watching_other_clients():
                yield
            return
        import responses
        from requests.adapters import HTTPAdapter

        self._before = HTTPAdapter.send
        registry = _registry(self._answer)
        double: Any = responses.RequestsMock(
            assert_all_requests_are_fired=False, registry=registry, real_adapter_send=cast("Any", self._beyond)
        )
        with ExitStack() as stack:
            # a mock that is not this one has its way out here, whether it began before or begins later
            stack.enter_context(mock.patch.object(responses.RequestsMock, "_real_send", _WayOut(double), create=True))
            stack.enter_context(self._watching_other_clients())
            double.start()
            stack.callback(double.stop, allow_assert=False)
            yield

    # -- what requests sends ------------------------------------------------------------------------------------------

    def _answer(self, request: Any) -> Any:
        """What `responses` looks for: an answer, or leave to send it on."""
        import responses

        if getattr(self._thread, "beyond", False) or _is_others(request.url):
            return responses.PassthroughResponse(request.method, request.url)
        asked = _asked(request)
        if self._tape is not None:
            try:
                with self._lock:
                    call = self._tape.play(asked)
                    self.made.append(call)
            except CallNotRecorded as error:
                if not self._recording:
                    self.refused.append(error)
                    raise
            else:
                return _served(call)
        return responses.PassthroughResponse(request.method, request.url)

    def _beyond(self, adapter: Any, request: Any, **options: Any) -> Any:
        """Send a request to where it would have gone without this mock."""
        if getattr(self._thread, "beyond", False):  # it came back here from a mock that was there before
            return _sends_for_real()(adapter, request, **options)
        others = _is_others(request.url)
        if others and not self._recording and self._before is _sends_for_real() and not _is_loopback(request.url):
            self._refuse(
                f"{request.method} {request.url} would go to AWS for real: nothing of moto's is active. Use the "
                "fixture lambda_events, or moto's mock_aws"
            )
        self._thread.beyond = True
        try:
            if others:
                return self._before(adapter, request, **options)
            return self._recorded(adapter, request, options)
        finally:
            self._thread.beyond = False

    def _recorded(self, adapter: Any, request: Any, options: dict[str, Any]) -> Any:
        import requests

        asked = _asked(request)
        try:
            response = self._before(adapter, request, **options)
            content = response.content
        except requests.RequestException as error:
            self._add(HttpCall(request=asked, outcome=Failure(type=type(error).__name__, message=str(error))))
            raise
        outcome = clean_response(response.status_code, response.headers.items(), content)
        self._add(HttpCall(request=asked, outcome=outcome))
        return response

    def _add(self, call: HttpCall) -> None:
        with self._lock:
            self.made.append(call)
            self.added.append(call)

    def _refuse(self, message: str) -> None:
        error = CallNotRecorded(message)
        self.refused.append(error)
        raise error

    # -- what others send ---------------------------------------------------------------------------------------------

    @contextmanager
    def _watching_other_clients(self) -> Iterator[None]:
        """Look at what http.client is asked (by urllib, urllib3, botocore), and httpx where somebody loaded it."""
        with ExitStack() as stack:
            original = http.client.HTTPConnection.putrequest

            def putrequest(connection: Any, method: str, url: str, *args: Any, **kwargs: Any) -> None:
                self._seen("http.client (urllib, urllib3, botocore)", method, f"//{connection.host}{url}")
                original(connection, method, url, *args, **kwargs)

            stack.enter_context(mock.patch.object(http.client.HTTPConnection, "putrequest", putrequest))
            httpx = sys.modules.get("httpx")
            for name, method in (
                ("HTTPTransport", "handle_request"),
                ("AsyncHTTPTransport", "handle_async_request"),
            ):
                transport = getattr(httpx, name, None)
                if transport is not None:
                    watched = partial(self._from_httpx, getattr(transport, method))
                    stack.enter_context(mock.patch.object(transport, method, _method(watched)))
            yield

    def _from_httpx(self, original: Callable[[Any, Any], Any], transport: Any, request: Any) -> Any:
        self._seen("httpx", request.method, str(request.url))
        return original(transport, request)

    def _seen(self, client: str, method: str, url: str) -> None:
        """Another client is about to send something."""
        if getattr(self._thread, "beyond", False) or _is_loopback(url):
            return
        if not self._is_needed:
            self._refuse(
                f"{method} {url.removeprefix('//')}: no HTTP call was recorded there, and none is let out. {HOW}"
            )
        told = f"{method} {url.removeprefix('//')} is sent by {client}, which `responses` cannot see: only calls of "
        if not self._recording:
            self._refuse(f"{told}`requests` can be answered from a cassette, so this one is not let out")
        warnings.warn(f"{told}`requests` are recorded", CassetteWarning, stacklevel=2)


class _WayOut:
    """`RequestsMock._real_send`: for every mock but those of booths, into this one."""

    def __init__(self, double: Any) -> None:
        self._into = double.unbound_on_send()

    def __get__(self, instance: Any, owner: type) -> Any:
        own = instance.__dict__["_real_send"]
        return own if isinstance(getattr(own, "__self__", None), HttpBooth) else self._into

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__["_real_send"] = value


def _method(function: Callable[..., Any]) -> Any:
    """A function as one that a class can have: a partial is not bound by itself."""

    def bound(self: Any, request: Any) -> Any:
        return function(self, request)

    return bound


def _registry(answer: Callable[[Any], Any]) -> Any:
    from responses.registries import FirstMatchRegistry

    class Registry(FirstMatchRegistry):
        """Asks us, whatever was added."""

        def find(self, request: Any) -> tuple[Any, list[str]]:
            """What answers."""
            return answer(request), []

    return Registry


def _sends_for_real() -> Any:
    import responses

    return responses._real_send  # noqa: SLF001 - what requests sends with when nobody stands in for it


def _is_others(url: str) -> bool:
    """Whether it is AWS that is called."""
    return _AWS.fullmatch(urlsplit(url).hostname or "") is not None


def _is_loopback(url: str) -> bool:
    return _LOOPBACK.fullmatch(urlsplit(url).hostname or "") is not None


def _asked(request: Any) -> HttpRequest:
    body = request.body
    if body is not None and not isinstance(body, (str, bytes, bytearray)):
        request.body = body = b"".join(one.encode() if isinstance(one, str) else one for one in body)
    data = body.encode("utf-8") if isinstance(body, str) else None if body is None else bytes(body)
    return clean_request(request.method, request.url, request.headers, data)


def _served(call: HttpCall) -> Any:
    """A recorded answer as `responses` has it."""
    import requests
    import responses

    asked, answer = call.request, call.outcome
    if isinstance(answer, Failure):
        kind = getattr(requests.exceptions, answer.type, None)
        if not (isinstance(kind, type) and issubclass(kind, requests.RequestException)):
            kind = requests.RequestException
        return responses.Response(asked.method, asked.url, body=kind(answer.message))
    headers = {name: ", ".join(values) for name, values in answer.headers.items()}
    return responses.Response(
        asked.method, asked.url, body=answer.body or b"", status=answer.status, headers=headers, content_type=None
    )
