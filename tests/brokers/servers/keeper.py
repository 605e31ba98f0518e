"""One server of a kind for all test processes of a machine, started with the first and stopped after the last.

A test process borrows a server (`borrow`); if none is running it starts a keeper: this file, as a process of its own,
in a session of its own. The keeper starts the server, writes where it is, and looks twice a second whether those who
borrowed it are still alive: it asks the system for their process ids, so that it also notices one that was killed. When
none is left for a moment, it stops the server and goes. Should the keeper itself be killed, the next one to borrow ends
what it left behind.

All of it is in a room of the temporary directory: `lock`, `server.json` (who keeps, who serves, where to connect),
`clients/` with a file for each process that borrows, and the server's own directory.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

try:
    import fcntl
except ImportError:  # Windows, where none of these servers is looked for
    fcntl = None

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("rabbitmq", "activemq")
START_SECONDS = 90.0  # a server that has not answered by then will not
GRACE_SECONDS = 3.0  # how long a server without borrowers waits for another
LOOK_SECONDS = 0.5


def module_of(kind: str) -> Any:
    """What knows how a server of this kind is started (`why_missing`, `PORTS`, `start`): the file of this name here."""
    spec = importlib.util.spec_from_file_location(kind, Path(__file__).parent / f"{kind}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def why_missing(kind: str) -> str | None:
    """Why a server of this kind cannot be started here; None when it can."""
    if fcntl is None:
        return f"{kind}: its start script is for POSIX systems"
    missing: str | None = module_of(kind).why_missing()
    return missing


def borrow(kind: str) -> dict[str, Any]:
    """Where a server of this kind is; it stays as long as this process. Errors: `RuntimeError`, with its last words."""
    room = room_of(kind)
    with locked(room):
        info = current(room)
        if info is None:
            sweep(room)
            info = _start_keeper(kind, room)
        sign = room / "clients" / _identity(os.getpid())
        sign.touch()
    atexit.register(sign.unlink, missing_ok=True)
    where: dict[str, Any] = info["where"]
    return where


def room_of(kind: str) -> Path:
    """The directory that all test processes of this user share for a kind of server."""
    room = Path(tempfile.gettempdir(), f"lambda-events-servers-{os.getuid()}", Path(kind).name)
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    (room / "clients").mkdir(exist_ok=True)
    return room


@contextlib.contextmanager
def locked(room: Path) -> Iterator[None]:
    """Alone in the room. The system lets go of the lock of a process that dies."""
    with (room / "lock").open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def current(room: Path) -> dict[str, Any] | None:
    """What is written of the server, if its keeper is alive."""
    info = _read(room / "server.json")
    return info if info is not None and "where" in info and is_alive(info["keeper"]) else None


def borrowers(room: Path) -> list[str]:
    """The processes that borrow and are alive; those that died are forgotten."""
    found = []
    for sign in (room / "clients").iterdir():
        if is_alive(sign.name):
            found.append(sign.name)
        else:
            sign.unlink(missing_ok=True)
    return found


def sweep(room: Path) -> None:
    """End what a keeper that was killed has left."""
    info = _read(room / "server.json")
    for identity in (info or {}).get("processes", ()):
        if is_alive(identity):
            _kill(int(identity.partition("-")[0]))
    if info is not None:
        shutil.rmtree(info["directory"], ignore_errors=True)
    (room / "server.json").unlink(missing_ok=True)


# -- processes ---------------------------------------------------------------------------------------------------------


def _identity(pid: int) -> str:
    """A process, told from a later one with the same number by when it began."""
    return f"{pid}-{_began(pid)}"


def _began(pid: int) -> str:
    try:
        # the name of the program is in parentheses and may contain anything; behind it, the state is field 3
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        command = ["ps", "-o", "lstart=", "-p", str(pid)]
        found = subprocess.run(command, capture_output=True, encoding="utf-8", check=False) if _has_ps() else None
        return "".join(found.stdout.split()) if found is not None else ""
    return "" if fields[0] == "Z" else fields[19]


def _has_ps() -> bool:
    return not Path("/proc/self/stat").exists() and shutil.which("ps") is not None


def is_alive(identity: str) -> bool:
    """Whether this very process runs."""
    pid, _, began = identity.partition("-")
    return began != "" and _began(int(pid)) == began


def _kill(leader: int) -> None:
    """End a process and those that it started: at first politely."""
    for how, seconds in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, how)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                os.killpg(leader, 0)
            except (ProcessLookupError, PermissionError):
                return
            with contextlib.suppress(ChildProcessError):
                os.waitpid(leader, os.WNOHANG)
            time.sleep(0.05)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def _write(path: Path, info: dict[str, Any]) -> None:
    """Write it so that nobody reads half of it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(info), encoding="utf-8")
    fresh.replace(path)


# -- the keeper --------------------------------------------------------------------------------------------------------


def _start_keeper(kind: str, room: Path) -> dict[str, Any]:
    log = room / "keeper.log"
    # what measures coverage in subprocesses has nothing to measure here
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")}
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, __file__, kind, str(room)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=room,
            env=environment,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS + 10
    while time.monotonic() < deadline and process.poll() is None:
        info = current(room)
        if info is not None:
            process.returncode = 0  # not ours to wait for: it outlives this process
            return info
        time.sleep(0.05)
    _kill(process.pid)
    sweep(room)
    raise RuntimeError(f"{kind} did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}")


def keep(kind: str, room: Path) -> None:
    """Start the server, keep it as long as somebody borrows it, and stop it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    directory = Path(tempfile.mkdtemp(prefix="server-", dir=room))
    processes: list[subprocess.Popen[bytes]] = []
    info: dict[str, Any] = {"keeper": _identity(os.getpid()), "directory": str(directory), "processes": []}

    def started(process: subprocess.Popen[bytes]) -> None:
        processes.append(process)
        info["processes"].append(_identity(process.pid))
        _write(room / "server.json", info)

    try:
        module = module_of(kind)
        ports = free_ports(module.PORTS)
        where = module.start(directory, ports, started)
        deadline = time.monotonic() + START_SECONDS
        while not all(accepts(port) for port in ports):
            ended = [process.args for process in processes if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                output = (directory / "out.log").read_text(encoding="utf-8", errors="replace")
                raise SystemExit(f"ended: {ended}\n{output[-3000:]}")
            time.sleep(0.05)
        _write(room / "server.json", {**info, "where": where})
        _watch(room, processes)
    finally:
        for process in reversed(processes):
            _kill(process.pid)
        shutil.rmtree(directory, ignore_errors=True)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface on which nobody listens; all are held together, so that none comes twice."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def accepts(port: int) -> bool:
    """Whether somebody listens on it."""
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex(("127.0.0.1", port)) == 0


def _watch(room: Path, processes: list[subprocess.Popen[bytes]]) -> None:
    wanted = time.monotonic() + GRACE_SECONDS  # the first borrower has the lock, and is about to sign
    while all(process.poll() is None for process in processes):
        time.sleep(LOOK_SECONDS)
        if borrowers(room):
            wanted = time.monotonic() + GRACE_SECONDS
        elif time.monotonic() > wanted:
            with locked(room):
                if not borrowers(room):
                    (room / "server.json").unlink(missing_ok=True)
                    return
    (room / "server.json").unlink(missing_ok=True)


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]))
