"""How a private RabbitMQ is started: everything in one directory, on free ports of the loopback interface.

Distributions start the server through a wrapper that wants to become the user `rabbitmq`; the script behind it runs as
whoever calls it. The node's own Erlang port mapper runs in the foreground, because one that daemonises itself would
outlive the node.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCRIPTS = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/usr/local/sbin/rabbitmq-server", "rabbitmq-server")
VHOSTS = ("/", "shop")
PORTS = 3


def _script() -> str | None:
    return next((found for script in SCRIPTS if (found := shutil.which(script)) is not None), None)


def why_missing() -> str | None:
    """Why there is none here; None when it can be started."""
    if _script() is None or shutil.which("epmd") is None:
        return "RabbitMQ is not installed (Debian: apt-get install --no-install-recommends rabbitmq-server)"
    return None


def start(directory: Path, ports: list[int], started: Callable[[subprocess.Popen[bytes]], None]) -> dict[str, Any]:
    """Start it; where it will be. `started` is told of each process."""
    amqp, mapper, distribution = ports
    user = {"name": "guest", "password": "guest", "tags": "administrator"}
    definitions = {
        "users": [user],
        "vhosts": [{"name": name} for name in VHOSTS],
        "permissions": [
            {"user": "guest", "vhost": name, "configure": ".*", "write": ".*", "read": ".*"} for name in VHOSTS
        ],
    }
    (directory / "definitions.json").write_text(json.dumps(definitions), encoding="utf-8")
    settings = {
        "listeners.tcp.local": f"127.0.0.1:{amqp}",
        "load_definitions": str(directory / "definitions.json"),
        "log.console": "true",
        "log.file": "false",
        "disk_free_limit.absolute": "10MB",
        "vm_memory_high_watermark.absolute": "512MB",
    }
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    (directory / "rabbitmq.conf").write_text(lines, encoding="utf-8")
    (directory / "plugins").write_text("[].", encoding="utf-8")
    environment = {
        **os.environ,
        "HOME": str(directory),  # where Erlang keeps its cookie
        "ERL_EPMD_PORT": str(mapper),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"lambda-events-{amqp}@localhost",
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(directory / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(directory / "mnesia"),
        "RABBITMQ_LOG_BASE": str(directory / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(directory / "pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}",
    }
    with (directory / "out.log").open("wb") as output:
        for command in (["epmd"], [_script()]):
            started(
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=directory,
                    env=environment,
                    start_new_session=True,
                )
            )
    return {"port": amqp, "user": "guest", "password": "guest"}
