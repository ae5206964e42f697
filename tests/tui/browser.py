"""A real headless Chromium, driven through its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import shutil
import signal
import subprocess

import aiohttp

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

#: Gives the tests the terminal of the page, which the page's own script keeps to itself.
_EXPOSE = """
Object.defineProperty(Object.prototype, "fitAddon", {
  configurable: true,
  set(value) {
    window.shownTerminal = this;
    Object.defineProperty(this, "fitAddon", {value, writable: true, configurable: true});
  },
});
"""
_READ = """(() => {
  const buffer = window.shownTerminal?.terminal.buffer.active;
  if (!buffer) return "";
  const lines = [];
  for (let y = 0; y < buffer.length; y++) lines.push(buffer.getLine(y).translateToString(true));
  return lines.join("\\n");
})()"""

#: Key name -> DevTools' code and the Windows number that the page's terminal goes by.
_CODES = {"Enter": 13, "Escape": 27, "Tab": 9, "PageDown": 34, "PageUp": 33} | {
    f"F{n}": 111 + n for n in range(1, 13)
}
SHIFT, CONTROL = 8, 2


class Page:
    """One tab: what it shows, keys, requests that it made, and errors of its scripts."""

    def __init__(self, socket):
        self._socket = socket
        self._number = 0
        self._answers = {}
        self.requests = []
        self.errors = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self):
        async for message in self._socket:
            data = message.json()
            if "id" in data:
                self._answers.pop(data["id"]).set_result(data)
            elif data["method"] == "Network.requestWillBeSent":
                self.requests.append(data["params"]["request"]["url"])
            elif data["method"] == "Network.webSocketCreated":
                self.requests.append(data["params"]["url"])
            elif data["method"] == "Runtime.exceptionThrown":
                self.errors.append(data["params"]["exceptionDetails"]["text"])
            elif data["method"] == "Log.entryAdded" and data["params"]["entry"]["level"] == "error":
                self.errors.append(data["params"]["entry"]["text"])

    async def do(self, method, **params):
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        data = await asyncio.wait_for(answer, 20)
        assert "error" not in data, data
        return data["result"]

    async def resize(self, width, height):
        sizes = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.do("Emulation.setDeviceMetricsOverride", **sizes)

    async def open(self, url, width=740, height=560):
        await self.resize(width, height)
        for domain in ("Page", "Network", "Runtime", "Log"):
            await self.do(f"{domain}.enable")
        await self.do("Page.addScriptToEvaluateOnNewDocument", source=_EXPOSE)
        await self.do("Page.navigate", url=url)

    async def text(self):
        result = await self.do("Runtime.evaluate", expression=_READ)
        return result["result"]["value"]

    async def wait_for(self, text, seconds=30):
        async with asyncio.timeout(seconds):
            while text not in (shown := await self.text()):
                await asyncio.sleep(0.05)
        return shown

    async def wait_until_gone(self, text, seconds=30):
        async with asyncio.timeout(seconds):
            while text in await self.text():
                await asyncio.sleep(0.05)

    async def wait_for_end(self, seconds=20):
        """Wait until the page says that its session has ended."""
        ended = "document.body.classList.contains('-closed')"
        async with asyncio.timeout(seconds):
            while not (await self.do("Runtime.evaluate", expression=ended))["result"]["value"]:
                await asyncio.sleep(0.05)

    async def press(self, key, modifiers=0):
        number = _CODES.get(key, ord(key[0].upper()))
        about = {"key": key, "code": key, "windowsVirtualKeyCode": number, "modifiers": modifiers}
        await self.do("Input.dispatchKeyEvent", type="rawKeyDown", **about)
        if key == "Enter":
            await self.do("Input.dispatchKeyEvent", type="char", text="\r", **about)
        await self.do("Input.dispatchKeyEvent", type="keyUp", **about)

    async def type(self, text):
        for character in text:
            about = {"key": character, "windowsVirtualKeyCode": ord(character.upper())}
            await self.do("Input.dispatchKeyEvent", type="keyDown", text=character, **about)
            await self.do("Input.dispatchKeyEvent", type="keyUp", **about)

    async def picture(self):
        return base64.b64decode((await self.do("Page.captureScreenshot", format="png"))["data"])

    async def close(self):
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader


@contextlib.asynccontextmanager
async def browser(folder):
    """Yield a page of a Chromium with a profile of its own."""
    process = subprocess.Popen(
        [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--remote-debugging-port=0", f"--user-data-dir={folder}", "--disable-dev-shm-usage",
         "--hide-scrollbars", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        port = await _port(folder / "DevToolsActivePort")
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://127.0.0.1:{port}/json/list") as answer:
                tabs = await answer.json()
            address = next(t["webSocketDebuggerUrl"] for t in tabs if t["type"] == "page")
            async with http.ws_connect(address, max_msg_size=0) as socket:
                page = Page(socket)
                try:
                    yield page
                finally:
                    await page.close()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


async def _port(path):
    async with asyncio.timeout(30):
        while not path.exists() or "\n" not in path.read_text():
            await asyncio.sleep(0.05)
    return int(path.read_text().split()[0])
