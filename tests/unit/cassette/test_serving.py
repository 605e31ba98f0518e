"""A handler's calls while it runs: answered, recorded, passed on or refused; with other mocks around and within."""

from __future__ import annotations

import http.client
import http.server
import threading
import urllib.request
from typing import TYPE_CHECKING, Any

import boto3
import moto
import pytest
import requests
import responses
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from pytest_lambda_events.cassette import Failure, HttpCall, HttpRequest, HttpResponse
from pytest_lambda_events.cassette.calls import Tape
from pytest_lambda_events.cassette.serving import HttpBooth
from pytest_lambda_events.errors import CallNotRecorded, CassetteWarning

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://api.example.com/rates"


def recorded(body: bytes = b'{"eur":1.1}', status: int = 200, url: str = URL) -> HttpCall:
    """A recorded call."""
    headers = {"Content-Type": ("application/json",), "X-Two": ("a", "b")}
    return HttpCall(
        request=HttpRequest(method="GET", url=url), outcome=HttpResponse(status=status, headers=headers, body=body)
    )


def playing(*calls: HttpCall) -> HttpBooth:
    """A booth that only answers."""
    return HttpBooth(Tape(calls, "x.json"), recording=False)


@pytest.fixture
def upstream() -> Iterator[str]:
    """A real server on loopback; its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Set-Cookie", "session=s3cret")
            self.end_headers()
            self.wfile.write(b"hello")

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


# -- answers -----------------------------------------------------------------------------------------------------------


def test_an_answer_is_what_was_recorded() -> None:
    """Status, headers, body; and afterwards requests sends for real again."""
    before = HTTPAdapter.send
    booth = playing(recorded())
    with booth.taking_calls():
        response = requests.get(URL, timeout=1)
    assert (response.status_code, response.json()) == (200, {"eur": 1.1})
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Two"] == "a, b"
    assert booth.made == [recorded()]
    assert booth.added == []
    assert HTTPAdapter.send is before
    assert "_real_send" not in vars(responses.RequestsMock)


def test_a_call_that_is_not_there_is_an_error_and_noted() -> None:
    """Also when the handler swallows it. It is no error of requests', so that nobody tries again."""
    booth = playing(recorded())
    with booth.taking_calls(), pytest.raises(CallNotRecorded, match="path: recorded /rates, now /other"):
        requests.get("https://api.example.com/other", timeout=1)
    assert len(booth.refused) == 1


@pytest.mark.parametrize(
    ("kind", "raised"),
    [("ConnectTimeout", requests.ConnectTimeout), ("OtherError", requests.RequestException)],
)
def test_a_failure_is_raised_as_it_was(kind: str, raised: type[Exception]) -> None:
    """An error of requests', the common base where it has no such class."""
    call = HttpCall(request=HttpRequest(method="GET", url=URL), outcome=Failure(type=kind, message="too slow"))
    with playing(call).taking_calls(), pytest.raises(raised, match="too slow") as caught:
        requests.get(URL, timeout=1)
    assert type(caught.value) is raised


def test_a_session_that_retries_gets_one_answer_after_the_other() -> None:
    """Retry of urllib3, on a status."""
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=Retry(2, status_forcelist=[503], backoff_factor=0)))
    booth = playing(recorded(status=503), recorded())
    with booth.taking_calls():
        assert session.get(URL, timeout=1).status_code == 200
    assert len(booth.made) == 2


def test_threads_are_answered_too() -> None:
    """Whichever asks first."""
    found: list[int] = []
    with playing(recorded(), recorded()).taking_calls():
        threads = [
            threading.Thread(target=lambda: found.append(requests.get(URL, timeout=1).status_code)) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [200, 200]


# -- with others -------------------------------------------------------------------------------------------------------


def use_aws() -> int:
    """A call with boto3, and one with requests (a presigned URL, say)."""
    boto3.client("sqs", region_name="us-east-1").create_queue(QueueName="orders")
    return requests.get("https://s3.amazonaws.com/", timeout=1).status_code


def test_moto_around() -> None:
    """The harness's case: AWS goes to moto, third parties are answered."""
    with moto.mock_aws(), playing(recorded()).taking_calls():
        assert use_aws() == 200
        assert requests.get(URL, timeout=1).json() == {"eur": 1.1}
    with moto.mock_aws():
        assert use_aws() == 200


def test_moto_within() -> None:
    """A handler that starts moto itself: what moto lets pass is still answered here."""
    with playing(recorded()).taking_calls():
        with moto.mock_aws():
            assert use_aws() == 200
            assert requests.get(URL, timeout=1).json() == {"eur": 1.1}
        with moto.mock_aws(), pytest.raises(CallNotRecorded):
            requests.get(URL, timeout=1)


def test_a_mock_of_the_users_within() -> None:
    """It answers first; what it lets pass is answered here."""
    with playing(recorded()).taking_calls(), responses.RequestsMock() as mine:
        mine.add(responses.GET, "https://mine.example.com/", body="mine")
        mine.add_passthru("https://api.example.com")
        assert requests.get("https://mine.example.com/", timeout=1).text == "mine"
        assert requests.get(URL, timeout=1).json() == {"eur": 1.1}


def test_one_booth_in_another() -> None:
    """A handler that replays another one."""
    inner, outer = playing(recorded(b"1")), playing(recorded(b"2"))
    with outer.taking_calls():
        with inner.taking_calls():
            assert requests.get(URL, timeout=1).json() == 1
        assert requests.get(URL, timeout=1).json() == 2


def test_aws_without_moto_is_not_called() -> None:
    """Neither with requests nor with boto3, whose calls go through http.client."""
    booth = playing()
    with booth.taking_calls():
        with pytest.raises(CallNotRecorded, match="would go to AWS for real: nothing of moto's is active"):
            requests.get("https://s3.amazonaws.com/", timeout=1)
        connection = http.client.HTTPSConnection("sqs.us-east-1.amazonaws.com")
        with pytest.raises(CallNotRecorded, match=r"GET sqs\.us-east-1\.amazonaws\.com/ is sent by http\.client"):
            connection.request("GET", "/")
    assert len(booth.refused) == 2


def test_another_client_is_not_let_out() -> None:
    """Urllib cannot be answered; on loopback it may go where it wants."""
    booth = playing()
    before = http.client.HTTPConnection.putrequest
    with booth.taking_calls(), pytest.raises(CallNotRecorded, match="which `responses` cannot see"):
        urllib.request.urlopen("http://api.example.com/")
    assert http.client.HTTPConnection.putrequest is before


def test_another_client_may_talk_to_loopback(upstream: str) -> None:
    """A database's or a sidecar's own HTTP."""
    with playing().taking_calls(), urllib.request.urlopen(upstream) as answer:  # noqa: S310 - our own server
        assert answer.read() == b"hello"


def test_httpx_is_not_let_out_where_somebody_loaded_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in with httpx's two transports."""

    class Transport:
        def handle_request(self, request: Any) -> str:
            return f"sent {request.url}"

    class Request:
        method = "GET"
        url = "https://api.example.com/x"

    class Httpx:
        HTTPTransport = Transport

    monkeypatch.setitem(__import__("sys").modules, "httpx", Httpx)  # type: ignore[arg-type]
    with (
        playing().taking_calls(),
        pytest.raises(CallNotRecorded, match=r"x is sent by httpx"),
    ):
        Transport().handle_request(Request())
    assert Transport().handle_request(Request()) == "sent https://api.example.com/x"
    with (
        HttpBooth(None, recording=True).taking_calls(),
        pytest.warns(CassetteWarning, match="calls of `requests`"),
    ):
        assert Transport().handle_request(Request()) == "sent https://api.example.com/x"


# -- recording ---------------------------------------------------------------------------------------------------------


def test_recording_makes_the_call_for_real(upstream: str) -> None:
    """The handler reads its body as ever, whole or in pieces; no cookie is kept."""
    booth = HttpBooth(None, recording=True)
    with booth.taking_calls():
        assert requests.get(f"{upstream}/a", headers={"Authorization": "x"}, timeout=5).text == "hello"
        with requests.get(f"{upstream}/b", stream=True, timeout=5) as response:
            assert b"".join(response.iter_content(2)) == b"hello"
    assert booth.made == booth.added
    assert [one.request.url for one in booth.made] == [f"{upstream}/a", f"{upstream}/b"]
    assert booth.made[0].outcome == HttpResponse(status=200, headers={"Content-Type": ("text/plain",)}, body=b"hello")


def test_recording_with_moto_around_and_within(upstream: str) -> None:
    """Once, in either order; what goes to moto is none of it."""
    around, within = HttpBooth(None, recording=True), HttpBooth(None, recording=True)
    with moto.mock_aws(), around.taking_calls():
        assert use_aws() == 200
        assert requests.get(upstream, timeout=5).text == "hello"
    with within.taking_calls(), moto.mock_aws():
        assert use_aws() == 200
        assert requests.get(upstream, timeout=5).text == "hello"
    assert [len(around.added), len(within.added)] == [1, 1]


def test_recording_in_another_booth(upstream: str) -> None:
    """The one within makes the call, and both have it: the outer one is where it goes."""
    inner, outer = HttpBooth(None, recording=True), HttpBooth(None, recording=True)
    with outer.taking_calls(), inner.taking_calls():
        assert requests.get(upstream, timeout=5).text == "hello"
    assert [len(inner.added), len(outer.added)] == [1, 1]


def test_recording_what_is_missing(upstream: str) -> None:
    """What the tape has is answered, the rest is made."""
    booth = HttpBooth(Tape([recorded()], "x.json"), recording=True)
    with booth.taking_calls():
        assert requests.get(URL, timeout=1).json() == {"eur": 1.1}
        assert requests.post(upstream, data=iter([b"in ", b"pieces"]), timeout=5).text == "hello"
    assert [one.request.url for one in booth.made] == [URL, f"{upstream}/"]
    assert [one.request.body for one in booth.added] == [b"in pieces"]
    assert booth.refused == []


def test_a_failure_is_recorded_too() -> None:
    """The class of requests' error and its message; the handler gets the error itself."""
    booth = HttpBooth(None, recording=True)
    with responses.RequestsMock() as world:
        world.add(responses.GET, URL, body=requests.ReadTimeout("too slow"))
        with booth.taking_calls(), pytest.raises(requests.ReadTimeout):
            requests.get(URL, timeout=1)
    assert [one.outcome for one in booth.added] == [Failure(type="ReadTimeout", message="too slow")]


def test_what_is_recorded_is_answered(upstream: str) -> None:
    """The round trip, without the server's help."""
    first = HttpBooth(None, recording=True)
    with first.taking_calls():
        requests.post(upstream, json={"a": 1, "token": "s3cret"}, timeout=5)
    second = playing(*first.added)
    with second.taking_calls():
        assert requests.post(upstream, json={"token": "another", "a": 1}, timeout=5).text == "hello"
    assert second.refused == []
