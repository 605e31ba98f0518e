"""On what was measured: the machine, how busy it was, and the versions of what took part."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("pytest-lambda-events", "pytest", "moto", "boto3", "botocore", "freezegun", "Faker")


def machine() -> dict[str, str]:
    """What to tell about it, by name."""
    return {
        "processor": _processor(),
        "cores": _cores(),
        "memory": _memory(),
        "operating system": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def versions() -> dict[str, str]:
    """The packages of this environment that take part, and their versions."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def now() -> str:
    """Date and time by the machine's clock, in UTC."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def load() -> str:
    """How many processes wanted to run, on average of the last minute."""
    try:
        return f"{os.getloadavg()[0]:.1f}"
    except (AttributeError, OSError):  # Windows has no such thing
        return "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _cores() -> str:
    try:
        return str(len(os.sched_getaffinity(0)))
    except AttributeError:  # macOS and Windows
        return str(os.cpu_count())


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"
    except (AttributeError, ValueError, OSError):
        return "unknown"
