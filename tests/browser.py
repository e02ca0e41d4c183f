"""A real Chromium for tests of the page: offline, and with everything noted that it complains about."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 20_000
"""Milliseconds."""

# Runs before the page: whatever breaks the policy, or opens a dialogue, is noted.
WATCH = """
window.violations = [];
window.executed = [];
document.addEventListener('securitypolicyviolation', (event) => {
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
});
for (const name of ['alert', 'confirm', 'prompt']) window[name] = (text) => window.executed.push(String(text));
"""


def executable() -> str | None:
    """The browser of this machine."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def chromium() -> Generator["Browser"]:
    """Start the browser; skips the test, saying why, where there is none."""
    found = executable()
    if found is None:
        pytest.skip("no Chromium is installed (apt-get install chromium)")
    playwright: Any = pytest.importorskip("playwright.sync_api", reason="the dependency group browser is not installed")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page, and what the browser said about it."""

    page: "Page"
    complaints: list[str] = field(default_factory=list[str])

    def faults(self) -> list[str]:
        """Console errors, exceptions, broken policies and code that ran and should not have."""
        return [*self.complaints, *self.page.evaluate("[...window.violations, ...window.executed]")]


@contextmanager
def opened(
    browser: "Browser",
    address: Path | str,
    fragment: str = "",
    *,
    width: int = 1280,
    height: int = 900,
    dark: bool = False,
) -> Generator[Opened]:
    """Open a page, from disk with the network off, and wait until it can be used."""
    context = browser.new_context(
        offline=isinstance(address, Path),
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
    )
    context.add_init_script(WATCH)
    found = Opened(context.new_page())
    found.page.on("console", lambda message: found.complaints.append(f"{message.type}: {message.text}"))
    found.page.on("pageerror", lambda error: found.complaints.append(f"exception: {error}"))
    found.page.goto(f"{address.as_uri() if isinstance(address, Path) else address}{fragment}")
    found.page.wait_for_selector("html[data-ready=yes]", timeout=PATIENCE)
    found.page.wait_for_selector("html[data-drawn=yes]", timeout=PATIENCE)
    yield found
    context.close()
