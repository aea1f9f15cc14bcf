"""A real browser without a window, driven over WebDriver (https://www.w3.org/TR/webdriver2/)."""

import http.client
import json
import re
import shutil
import subprocess
import time
from urllib.parse import quote

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
SECONDS = 20


def driver_program():
    """`None` where Debian's chromium-driver is not installed; ./dev test-page installs it."""
    return shutil.which("chromedriver")


class Browser:
    """One browser with one window; an element is named by a CSS selector."""

    def __init__(self, downloads):
        self.process = subprocess.Popen(
            [driver_program(), "--port=0"], stdout=subprocess.PIPE, text=True)
        self.port = next(
            int(found[1]) for line in self.process.stdout
            if (found := re.search(r"successfully on port (\d+)", line)))
        options = {
            # A test's own pages alone are shown, by whoever runs tests, root included.
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--window-size=1200,800"],
            "prefs": {"download.default_directory": str(downloads)},
        }
        self.path = ""
        made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options}}})
        self.path = f"/session/{made['sessionId']}"

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, self.path + path, json.dumps(body) if body is not None else None)
        value = json.loads(connection.getresponse().read())["value"]
        if isinstance(value, dict) and "error" in value:
            raise LookupError(f"{value['error']}: {value['message']}")
        return value

    def open(self, url):
        self.ask("POST", "/url", {"url": url})

    @property
    def address(self):
        return self.ask("GET", "/url")

    def run(self, script, *arguments):
        """What a script of the test returns in the page."""
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.innerText", selector)

    def texts(self, selector):
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)", selector)

    def element(self, selector):
        found = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        return f"/element/{quote(found[ELEMENT])}"

    def click(self, selector):
        self.ask("POST", self.element(selector) + "/click", {})

    def type(self, selector, text):
        self.ask("POST", self.element(selector) + "/value", {"text": text})

    def hover(self, selector):
        """Puts the pointer over an element."""
        found = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        self.ask("POST", "/actions", {"actions": [{
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
            "actions": [{"type": "pointerMove", "duration": 0, "origin": found, "x": 0, "y": 0}],
        }]})

    def until(self, condition, seconds=SECONDS):
        """Asks the page again until something is so, and returns it."""
        end = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < end, f"it did not come true; the page says:\n{self.text('body')}"
        return found

    def close(self):
        try:
            self.ask("DELETE", "")
        finally:
            self.process.terminate()
            self.process.wait(10)
            self.process.stdout.close()
