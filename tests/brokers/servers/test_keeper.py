"""One server for all that borrow it, and none when they are gone, however they went."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the start scripts are for POSIX systems")

KEEPER = Path(__file__).with_name("keeper.py")
SERVER = """
import subprocess, sys
PORTS = 1
def why_missing():
    return None
def start(directory, ports, started):
    with (directory / "out.log").open("wb") as log:
        command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(ports[0])]
        started(subprocess.Popen(command, stdout=log, stderr=log, cwd=directory, start_new_session=True))
    return {"port": ports[0]}
"""
BORROWER = """
import importlib.util, json, sys, time
spec = importlib.util.spec_from_file_location("keeper", sys.argv[1])
keeper = importlib.util.module_from_spec(spec)
spec.loader.exec_module(keeper)
print(json.dumps(keeper.borrow(sys.argv[2])), flush=True)
sys.stdin.read()
"""

_spec = importlib.util.spec_from_file_location("keeper", KEEPER)
keeper = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(keeper)


@pytest.fixture
def kind(tmp_path, monkeypatch):
    """A kind of server that starts quickly, in a temporary directory of its own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    path = tmp_path / "slate.py"
    path.write_text(SERVER, encoding="utf-8")
    return str(path.with_suffix(""))


@pytest.fixture
def borrower(kind):
    """Start a process that borrows a server of this kind, and say where that is."""
    processes = []

    def start() -> tuple[subprocess.Popen[str], dict]:
        process = subprocess.Popen(
            [sys.executable, "-c", BORROWER, str(KEEPER), kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        processes.append(process)
        return process, json.loads(process.stdout.readline())

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def ends(port: int) -> bool:
    """Whether nobody listens any more, after some seconds at the latest."""
    deadline = time.monotonic() + 30
    while keeper.accepts(port) and time.monotonic() < deadline:
        time.sleep(0.05)  # a real server ends in its own time
    return not keeper.accepts(port)


def test_a_server_serves_all_and_ends_with_the_last(borrower):
    """Also when one of them is killed and says nothing."""
    killed, where = borrower()
    other, same = borrower()

    assert where == same
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert keeper.accepts(where["port"])
    other.communicate()
    assert ends(where["port"])


def test_what_a_killed_keeper_left_is_ended_by_the_next_to_borrow(kind, borrower):
    """The server outlives its keeper; it does not outlive the next test run."""
    _, where = borrower()
    info = json.loads((keeper.room_of(kind) / "server.json").read_text(encoding="utf-8"))
    os.kill(int(info["keeper"].partition("-")[0]), signal.SIGKILL)
    while keeper.is_alive(info["keeper"]):
        time.sleep(0.01)  # until the system has ended it

    _, fresh = borrower()

    assert fresh != where
    assert ends(where["port"])
    assert keeper.accepts(fresh["port"])


def test_a_server_that_does_not_start_is_an_error_that_shows_why(kind):
    """Not a skipped test: it is installed."""
    Path(f"{kind}.py").write_text(SERVER.replace("http.server", "no_such_module"), encoding="utf-8")

    with pytest.raises(RuntimeError, match="No module named no_such_module"):
        keeper.borrow(kind)


def test_each_kind_says_what_to_install(monkeypatch):
    """Where it is missing, the reason of the skip is a sentence with the package's name."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("shutil.which", lambda name: None)

    for name in keeper.KINDS:
        assert f"apt-get install --no-install-recommends {name}" in keeper.why_missing(name)
