"""What every test shares: Hypothesis profiles, and Chromium for the tests that look at pages."""

import os
import shutil
import signal
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No deadline: a busy machine is not a failed property. In CI the examples repeat exactly.
settings.register_profile("default", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("nightly", deadline=None, max_examples=2000)
settings.load_profile("default")

# Quiet on a closed network: no updates, no look-ups of its own.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """The path of an installed Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and find_chromium() is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a browser test that was skipped has failed: nobody looked at the page."""
    report = yield
    if report.skipped and item.get_closest_marker("browser") and "CI" in os.environ:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"a browser test may not be skipped in CI: {reason}"
    return report


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """The command line takes over Ctrl-C and SIGTERM: a test that calls it must give them back."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    yield
    assert [signal.getsignal(number) for number in numbers] == before


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """One headless Chromium for the session; tests open a context of their own."""
    from playwright.sync_api import sync_playwright  # slow to load, and few tests want it

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_FLAGS, timeout=60_000
        )
        yield chromium
        chromium.close()
