"""The page of a slot board in Chromium: drawn, silent, within its window, hostile names as text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cartlogix.board.story import tell
from cartlogix.report.board import render_board
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.solve import solve
from tests.unit.board.boards import posed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)></script>%{x}<b>=1+1"


def page_of(folder: Path) -> Path:
    """Render a board on which every name is hostile."""
    name = json.dumps(HOSTILE)
    board = posed(
        folder,
        title=name,
        description=name,
        plants=f"[{{name: {name}, suites: [{{name: {name}}}], qc: {{mon-fri: 2}}}}]",
        products=f"[{{name: cart, route: [{{step: {name}, kind: manufacture, "
        "duration: {law: uniform, low: 6 d, high: 8 d}}, {step: qc, duration: 4 d}]}]",
        orders=f"[{{id: {name}, product: cart, due: 2027-03-05, previous: 2027-03-02}}, "
        "{id: B, product: cart, due: 2027-03-05}]",
    )
    outcome = solve(board.problem, board.objective, Budget(effort=0.05, exact=False))
    assert outcome.plan is not None
    path = folder / "board.html"
    path.write_text(render_board(tell(board, outcome, outcome.plan, seed=1)), "utf-8")
    return path


def test_the_board_is_drawn_in_silence(browser: Browser, tmp_path: Path) -> None:
    path = page_of(tmp_path)
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    messages: list[str] = []
    requests: list[str] = []
    page.on("console", lambda one: messages.append(one.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("dialog", lambda dialog: messages.append(dialog.message))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-figures]", timeout=30_000, state="attached")
    assert page.locator("html").get_attribute("data-figures") == "drawn"
    drawn = page.locator(".plot > .plot-container").count()
    assert drawn == page.locator("[data-plot]").count() == 3  # Gantt, promises, load of QC
    assert requests == [path.as_uri()]
    assert messages == []
    assert HOSTILE in (page.locator("h1").text_content() or "")
    assert HOSTILE in page.locator("#late").inner_text()
    assert page.locator("img, svg a").count() == 0
    for width in (1200, 400):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)  # the page waits for the end of a resize
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    context.close()
