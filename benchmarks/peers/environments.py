"""A virtual environment for each peer, kept in a cache folder of the user's and filled from the package index.

They are made with the Python that runs the benchmarks, so that all have the same. The newest
versions are taken; the results name them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

# The generator of SAM's events needs nothing else of what the command line installs: without it, it imports sooner.
NEEDS = {
    "ministack": (("ministack",),),
    "aws-sam-cli": (("--no-deps", "aws-sam-cli"), ("chevron",)),
    "chalice": (("chalice",),),
    "vcrpy": (("vcrpy",),),
}
_DONE = "ready.txt"
_SECONDS = 600


def folder() -> Path:
    """Where they are: `BENCHMARKS_CACHE`, or `~/.cache/pytest-lambda-events/peers`."""
    named = os.environ.get("BENCHMARKS_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "pytest-lambda-events" / "peers"


def python_of(peer: str) -> Path | None:
    """The Python of a peer's environment; None where there is none."""
    place = folder() / peer
    return _python_in(place) if (place / _DONE).exists() else None


def make(peer: str) -> str:
    """Make a peer's environment, unless it is there. What went wrong; empty where nothing did."""
    if python_of(peer) is not None:
        return ""
    place = folder() / peer
    venv.create(place, clear=True, with_pip=True)
    for packages in NEEDS[peer]:
        command = [str(_python_in(place)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, encoding="utf-8", errors="replace", timeout=_SECONDS
            )
        except subprocess.TimeoutExpired:
            return f"pip took more than {_SECONDS} seconds (no network?)"
        if done.returncode != 0:
            wrong = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            return (wrong or ["pip failed (no network?)"])[0]
    (place / _DONE).write_text("", encoding="utf-8")  # last, so that half an environment is none
    return ""


def _python_in(place: Path) -> Path:
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def version_of(peer: str) -> str:
    """The peer's version, or why there is none."""
    python = python_of(peer)
    if python is None:
        return "not installed"
    return told_by(python, f"import importlib.metadata as m; print(m.version({peer!r}))").strip()


def told_by(python: Path | str, code: str, *arguments: str, path: Path | None = None) -> str:
    """What a program prints, run by such a Python away from this folder, with `path` to import from.

    None of this process's own settings of Python hold there.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    folder().mkdir(parents=True, exist_ok=True)
    command = [str(python), "-c", code, *arguments]
    return subprocess.run(
        command, check=True, cwd=folder(), env=environment, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout


def ours() -> str:
    """The Python of this process."""
    return sys.executable
