"""A headless Chromium, told over a pipe what to do. One process for each session; each page in a tab of its own.

The law: nothing here sleeps; whoever waits, waits for an answer or an event, and not for ever.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
STUCK_AFTER = 120  # seconds without a word
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)

# Chromium reads from file descriptor 3 and writes to 4: a small start gives them these numbers
START = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)


# texts that cannot be told well enough from what is behind them
CONTRAST = """
(() => {
  const channel = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = (color) => {
    const [red, green, blue] = color.match(/[\\d.]+/g).map(Number);
    return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$|transparent/.test(color)) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const poor = new Set();
  for (const node of document.querySelectorAll("body *")) {
    const hasText = [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
    if (!hasText || !node.checkVisibility() || node.closest("script, style, noscript, :disabled, option")) continue;
    const style = getComputedStyle(node);
    const [one, other] = [light(node instanceof SVGElement ? style.fill : style.color), light(behind(node))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) poor.add(`${node.tagName}.${node.getAttribute("class")} ${ratio.toFixed(2)}`);
  }
  return [...poor];
})()
"""


class Chromium:
    """The process, and what it says."""

    def __init__(self, path: str, profile: Path) -> None:
        import fcntl

        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for pipe in (os.pipe(), os.pipe()) for end in _closed(pipe)]
        theirs_in, self._out, self._in, theirs_out = ends
        command = [sys.executable, "-S", "-E", "-c", START, str(theirs_in), str(theirs_out), path, *FLAGS]
        with (profile / "stderr.txt").open("wb") as log:
            self.process = subprocess.Popen(
                [*command, f"--user-data-dir={profile}"],
                pass_fds=(theirs_in, theirs_out),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        os.close(theirs_in)
        os.close(theirs_out)
        self.events: list[dict[str, Any]] = []
        self._number = 0
        self._unread = b""

    def ask(self, method: str, session: str | None = None, **params: Any) -> Any:
        """The answer to a command; events that come before it are kept."""
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        unsent = json.dumps(message).encode() + b"\0"
        while unsent:
            unsent = unsent[os.write(self._out, unsent) :]
        while True:
            said = self._read()
            if said.get("id") == number:
                assert "error" not in said, f"{method}: {said['error']}"
                return said["result"]
            self.events.append(said)

    def wait_for(self, method: str, session: str) -> None:
        """Until this event has come."""
        while not any(one.get("method") == method and one.get("sessionId") == session for one in self.events):
            self.events.append(self._read())

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._in], [], [], STUCK_AFTER)
            assert ready, "Chromium does not answer"
            read = os.read(self._in, 1 << 20)
            assert read, "Chromium ended"
            self._unread += read
        message, _, self._unread = self._unread.partition(b"\0")
        return dict(json.loads(message))

    def end(self) -> None:
        """Close it, and wait until it is gone."""
        self.ask("Browser.close")
        self.process.wait(STUCK_AFTER)
        os.close(self._in)
        os.close(self._out)


def _closed(pipe: tuple[int, int]) -> Iterator[int]:
    """Both ends, each closed once it has been used."""
    for end in pipe:
        yield end
        os.close(end)


class Tab:
    """A page that was opened from disk."""

    def __init__(self, chromium: Chromium, path: Path, *, width: int, scheme: str, fragment: str) -> None:
        self._chromium = chromium
        target = chromium.ask("Target.createTarget", url="about:blank")["targetId"]
        self._target = target
        self._session = chromium.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        chromium.events.clear()
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.url = path.as_uri() + fragment
        self.ask("Page.navigate", url=self.url)
        chromium.wait_for("Page.loadEventFired", self._session)
        self.settle()

    def ask(self, method: str, **params: Any) -> Any:
        """A command to this tab."""
        return self._chromium.ask(method, self._session, **params)

    def js(self, expression: str) -> Any:
        """What this expression is, in the page; a promise is waited for."""
        answer = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def settle(self) -> None:
        """Until what is due has been drawn: two frames."""
        self.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def key(self, name: str, code: int = 0, text: str = "") -> None:
        """Press a key where the focus is."""
        codes = {"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "ArrowRight": 39, "ArrowLeft": 37, "Tab": 9}
        code = code or codes.get(name, 0)
        text = text or {"Enter": "\r"}.get(name, "")
        down = {"type": "keyDown" if text else "rawKeyDown", "key": name, "windowsVirtualKeyCode": code, "text": text}
        self.ask("Input.dispatchKeyEvent", **down)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=code)
        self.settle()

    def type(self, text: str) -> None:
        """Text where the focus is."""
        self.ask("Input.insertText", text=text)
        self.settle()

    def screenshot(self, path: Path) -> Path:
        """All of the page, not only what fits the window."""
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 8000), "scale": 1}
        png = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        path.write_bytes(base64.b64decode(png))
        return path

    @property
    def complaints(self) -> list[str]:
        """What the console, the log and the scripts had to say, and requests for anything but the file."""
        found = []
        for event in self._chromium.events:
            if event.get("sessionId") != self._session:
                continue
            method, params = event["method"], event["params"]
            if method in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"):
                found.append(f"{method}: {json.dumps(params)[:800]}")
            elif method == "Network.requestWillBeSent":
                url = params["request"]["url"]
                if url.partition("#")[0] != self.url.partition("#")[0] and url != "data:,":
                    found.append(f"requested {url}")
        return found

    @property
    def poor_contrasts(self) -> list[str]:
        """Elements whose text has a contrast of less than 4.5 to 1 (WCAG 2, AA)."""
        return list(self.js(CONTRAST))

    def close(self) -> None:
        """No more of it."""
        self._chromium.ask("Target.closeTarget", targetId=self._target)


def chromium_path() -> str | None:
    """Where it is: what the environment variable CHROMIUM names, or one of the usual names; None for nowhere."""
    named = os.environ.get("CHROMIUM", "")
    return next((found for name in (named, *NAMES) if name and (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """The browser; tests are skipped where there is none, or no pipe to talk to it."""
    path = chromium_path()
    if path is None:
        pytest.skip(f"no Chromium: none of {', '.join(NAMES)} on PATH, and CHROMIUM names none")
    if os.name != "posix":
        pytest.skip("Chromium is talked to over inherited file descriptors, which only POSIX has")
    process = Chromium(path, tmp_path_factory.mktemp("chromium"))
    yield process
    process.end()


@pytest.fixture
def opened(chromium: Chromium) -> Iterator[Callable[..., Tab]]:
    """`opened(path)`: the page in a tab."""
    tabs: list[Tab] = []

    def open_one(path: Path, *, width: int = 1280, scheme: str = "light", fragment: str = "") -> Tab:
        tabs.append(Tab(chromium, path, width=width, scheme=scheme, fragment=fragment))
        return tabs[-1]

    yield open_one
    for tab in tabs:
        tab.close()
