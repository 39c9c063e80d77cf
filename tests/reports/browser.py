"""A real browser for the tests: chromedriver spoken to over HTTP, with the standard library."""

import contextlib
import json
import re
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
DRIVER = shutil.which("chromedriver")

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
)  # fmt: skip


class Browser:
    """One headless page."""

    def __init__(self, session: str) -> None:
        self._session = session

    def devtools(self, command: str, **parameters: Any) -> Any:
        """Send a command of the DevTools protocol."""
        return _post(f"{self._session}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, url: str, *, width: int, scheme: str = "light", media: str = "screen") -> None:
        """Load a page at this width; a phone's width as a phone, so that it is the real one."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.devtools("Emulation.setEmulatedMedia", media=media, features=features)
        _post(f"{self._session}/url", {"url": url})

    def run(self, script: str) -> Any:
        """Return what a script returns (the driver's own, which no page policy stops)."""
        return _post(f"{self._session}/execute/sync", {"script": script, "args": []})


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Start a driver on a free port with a profile of its own, and end both."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        driver = subprocess.Popen([DRIVER, "--port=0"], stdout=subprocess.PIPE, text=True)
        try:
            root = f"http://127.0.0.1:{_port(driver)}"
            session = f"{root}/session/{_started(root, profile)}"
            yield Browser(session)
            _send(session, None, "DELETE")
        finally:
            driver.terminate()
            driver.communicate(timeout=10)


def _port(driver: subprocess.Popen[str]) -> str:
    for line in driver.stdout or ():
        found = re.search(r"started successfully on port (\d+)", line)
        if found:
            return found[1]
    raise OSError("chromedriver ended before it listened")


def _started(root: str, profile: str) -> str:
    options = {"binary": CHROMIUM, "args": [*_FLAGS, f"--user-data-dir={profile}"]}
    wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
    session: str = _post(f"{root}/session", wanted)["sessionId"]
    return session


def _post(url: str, body: Any) -> Any:
    return _send(url, json.dumps(body).encode(), "POST")


def _send(url: str, body: bytes | None, method: str) -> Any:
    request = urllib.request.Request(url, body, method=method)  # noqa: S310 - this machine
    request.add_header("Content-Type", "application/json")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as answer:
        return json.load(answer)["value"]
