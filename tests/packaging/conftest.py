"""The two distributions, built once from this tree, as an index would get them.

hatchling's own command builds them in the environment that there is: `python -m build` would make another and ask an
index for what to put there. The wheel is built from the unpacked source distribution, as every installer does it.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
# from 3.12 on Python asks for one; what this one refuses is in no archive of ours
FILTER: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


class Built(NamedTuple):
    """The two files, and the source distribution unpacked."""

    sdist: Path
    wheel: Path
    unpacked: Path


def build(target: str, tree: Path, into: Path) -> Path:
    """Build one distribution of a tree; where it is."""
    into.mkdir()
    result = subprocess.run(
        [
            sys.executable,
            "-P" if sys.version_info >= (3, 11) else "-I",
            "-m",
            "hatchling",
            "build",
            "-t",
            target,
            "-d",
            into,
        ],
        cwd=tree,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    (made,) = into.iterdir()
    return made


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The source distribution of this tree, and the wheel of that."""
    pytest.importorskip("hatchling", reason="hatchling builds the distributions: pip install hatchling")
    room = tmp_path_factory.mktemp("dist")
    sdist = build("sdist", ROOT, room / "sdist")
    with tarfile.open(sdist) as archive:
        for member in archive.getmembers():  # each by itself: ours, made a moment ago
            archive.extract(member, room / "unpacked", **FILTER)
    (unpacked,) = (room / "unpacked").iterdir()
    return Built(sdist, build("wheel", unpacked, room / "wheel"), unpacked)
