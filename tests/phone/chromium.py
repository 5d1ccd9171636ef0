"""A real browser without a display, driven over its own DevTools protocol."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from websockets.sync.client import connect

from emgmon.cli.printing import browser

PATIENCE_S = 30.0


class Tab:
    """One page; what it logs as an error is kept."""

    def __init__(self, socket):
        self._socket, self._numbers = socket, count(1)
        self.errors = []
        for domain in ("Runtime", "Log", "Page", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method, **params):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            said = json.loads(self._socket.recv(PATIENCE_S))
            if said.get("method") == "Log.entryAdded" and said["params"]["entry"]["level"] == "error":
                self.errors.append(said["params"]["entry"]["text"])
            if said.get("method") == "Runtime.exceptionThrown":
                self.errors.append(str(said["params"]["exceptionDetails"]))
            if said.get("id") == number:
                assert "error" not in said, said
                return said["result"]

    def look(self, script):
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)["result"].get(
            "value"
        )

    def text(self, name):
        return self.look(f"document.getElementById('{name}')?.textContent")

    def wait(self, script, why=""):
        """Return the value of a script once it is true."""
        end_s = time.monotonic() + PATIENCE_S
        while not (value := self.look(script)):
            assert time.monotonic() < end_s, f"{why or script}: {self.look('document.body.innerText')}"
            time.sleep(0.05)
        return value

    def open(self, address, wide=390, high=844, theme="dark"):
        self.ask("Emulation.setDeviceMetricsOverride", width=wide, height=high, deviceScaleFactor=1, mobile=wide < high)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        self.ask("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")

    def picture(self, path):
        data = self.ask("Page.captureScreenshot", format="png")["data"]
        Path(path).write_bytes(base64.b64decode(data))


class Chromium:
    """A browser that runs; `tab` opens a page of its own."""

    def __init__(self, address, stack):
        self._address, self._stack = address, stack
        self._socket = stack.enter_context(connect(address, max_size=None, close_timeout=0.2))

    def tab(self):
        self._socket.send(json.dumps({"id": 1, "method": "Target.createTarget", "params": {"url": "about:blank"}}))
        while "id" not in (said := json.loads(self._socket.recv(PATIENCE_S))):
            pass
        base = self._address.partition("/devtools/")[0]
        page = f"{base}/devtools/page/{said['result']['targetId']}"
        return Tab(self._stack.enter_context(connect(page, max_size=None, close_timeout=0.2)))


@contextmanager
def chromium(stack):
    """Start a browser with a fresh profile, and end it; `stack` closes what was opened."""
    profile = tempfile.mkdtemp()
    command = [str(browser()), "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
    command += ["--no-first-run", "--disable-gpu", "--disable-extensions", "about:blank"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.insert(1, "--no-sandbox")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own words
        try:
            told, end_s = Path(profile) / "DevToolsActivePort", time.monotonic() + PATIENCE_S
            while not told.exists() or len(told.read_text().splitlines()) < 2:
                assert time.monotonic() < end_s, "the browser does not start"
                time.sleep(0.05)
            port, path = told.read_text().splitlines()[:2]
            with stack:
                yield Chromium(f"ws://127.0.0.1:{port}{path}", stack)
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(profile, ignore_errors=True)
