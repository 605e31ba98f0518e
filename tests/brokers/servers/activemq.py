"""How a private ActiveMQ is started: one Java process, nothing kept on disk, STOMP and OpenWire on free ports."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

HOMES = ("/usr/share/activemq", "/opt/activemq", "/usr/local/opt/activemq/libexec")
USER, PASSWORD = "lambda", "secret"
PORTS = 2


def _home() -> Path | None:
    homes = [Path(home) for home in (os.environ.get("ACTIVEMQ_HOME"), *HOMES) if home]
    return next((home for home in homes if _jar(home).exists()), None)


def _jar(home: Path) -> Path:
    return home / "bin" / "activemq.jar"


def why_missing() -> str | None:
    """Why there is none here; None when it can be started."""
    if _home() is None or shutil.which("java") is None:
        return "ActiveMQ is not installed (Debian: apt-get install --no-install-recommends activemq)"
    return None


def start(directory: Path, ports: list[int], started: Callable[[subprocess.Popen[bytes]], None]) -> dict[str, Any]:
    """Start it; where it will be. `started` is told of each process."""
    stomp, openwire = ports
    home = _home()
    settings = {
        "activemq.home": home,
        "activemq.base": directory,
        "activemq.conf": directory,
        "activemq.data": directory / "data",
        "stomp.port": stomp,
        "openwire.port": openwire,
        "java.util.logging.config.file": os.devnull,
        "java.io.tmpdir": directory,
    }
    command = [
        "java",
        *("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        *(f"-D{name}={value}" for name, value in settings.items()),
        *("-jar", str(_jar(home)), "start", f"xbean:file:{Path(__file__).with_name('activemq.xml')}"),
    ]
    with (directory / "out.log").open("wb") as output:
        started(
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=directory,
                start_new_session=True,
            )
        )
    return {"port": stomp, "openwire_port": openwire, "user": USER, "password": PASSWORD}
