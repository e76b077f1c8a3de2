"""A headless browser over its debugging protocol: enough to open a page, act on it and look."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 60.0


class Page:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._count = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.complaints: list[str] = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for text in self._socket:
            data = json.loads(text)
            if "id" in data:
                self._answers.pop(data["id"]).set_result(data)
            elif data["method"] == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(data["params"]["exceptionDetails"])[:2000])
            elif data["method"] == "Log.entryAdded":
                entry = data["params"]["entry"]
                if entry["level"] in ("error", "warning"):
                    self.complaints.append(f"{entry['level']}: {entry['text']} {entry.get('url')}")
            elif data["method"] == "Runtime.consoleAPICalled" and data["params"]["type"] in (
                "error",
                "warning",
                "assert",
            ):
                self.complaints.append(json.dumps(data["params"]["args"])[:500])

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer."""
        self._count += 1
        answer = asyncio.get_running_loop().create_future()
        self._answers[self._count] = answer
        await self._socket.send(json.dumps({"id": self._count, "method": method, "params": params}))
        data = await asyncio.wait_for(answer, PATIENCE)
        if "error" in data:
            raise RuntimeError(f"{method}: {data['error']}")
        result: dict[str, Any] = data["result"]
        return result

    async def run(self, script: str) -> Any:
        """The value of an expression."""
        done = await self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in done:
            raise RuntimeError(f"{script}: {json.dumps(done['exceptionDetails'])[:800]}")
        return done["result"].get("value")

    async def until(self, script: str) -> Any:
        """Wait until an expression is true; its value."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            value = await self.run(
                f"(() => {{ try {{ return {script}; }} catch {{ return null; }} }})()"
            )
            if value:
                return value
            await asyncio.sleep(0.05)
        body = await self.run("document.body ? document.body.innerText.slice(0, 1500) : ''")
        raise AssertionError(f"never true: {script}\n{self.complaints}\n{body}")

    async def open(self, address: str) -> None:
        """Go there."""
        await self.send("Page.navigate", url=address)

    async def click(self, selector: str) -> None:
        """Press what the selector finds, as soon as it is there."""
        await self.until(f"document.querySelector({json.dumps(selector)}) !== null")
        await self.run(f"document.querySelector({json.dumps(selector)}).click()")

    async def size(self, width: int, height: int, *, dark: bool = False) -> None:
        """The window, and the colour scheme that the visitor prefers."""
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = "dark" if dark else "light"
        await self.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    async def shot(self, path: Path) -> None:
        """A picture of the window."""
        done = await self.send("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(done["data"]))


@asynccontextmanager
async def browser(program: str) -> AsyncIterator[Page]:
    """A fresh browser with an empty profile and one tab."""
    profile = tempfile.mkdtemp(prefix="parley-browser-")
    process = _start(program, profile)
    try:
        listing = await asyncio.to_thread(_tabs, Path(profile) / "DevToolsActivePort", process)
        target = next(each for each in listing if each["type"] == "page")
        async with connect(target["webSocketDebuggerUrl"], max_size=None, proxy=None) as socket:
            page = Page(socket)
            for domain in ("Page", "Runtime", "Log"):
                await page.send(f"{domain}.enable")
            yield page
    finally:
        await asyncio.to_thread(_stop, process)
        shutil.rmtree(profile, ignore_errors=True)


def _start(program: str, profile: str) -> subprocess.Popen[bytes]:
    switches = [
        "--headless=new",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        "--no-sandbox",
        "--no-first-run",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-proxy-server",
    ]
    return subprocess.Popen(
        [program, *switches, "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": profile},
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tabs(path: Path, process: subprocess.Popen[bytes]) -> Any:
    """The browser's tabs, as soon as it says on which port it can be asked."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if path.exists() and path.read_text().strip():
            return _json(f"http://127.0.0.1:{path.read_text().split()[0]}/json/list")
        time.sleep(0.05)  # between two looks at the condition
    raise RuntimeError("the browser did not start")


def _json(address: str) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=20) as answer:
        return json.load(answer)
