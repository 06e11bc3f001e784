"""The page in Chromium: it draws, fits, prints, stays silent, and shows hostile names as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cartlogix.report.page import render
from tests.unit.report.samples import HOSTILE, sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page, ViewportSize

pytestmark = pytest.mark.browser

FIGURES = 10
WIDE: ViewportSize = {"width": 1200, "height": 900}


@dataclass
class Seen:
    """A page that was opened, and everything that it did."""

    page: Page
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def dismiss(self, dialog: Dialog) -> None:
        self.messages.append(dialog.message)
        dialog.dismiss()


Opener = Callable[..., Seen]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(sample()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def opened(browser: Browser) -> Iterator[Opener]:
    """Open a file and wait until its figures are drawn."""
    contexts = []

    def open_file(path: Path, scripts: bool = True) -> Seen:
        context = browser.new_context(viewport=WIDE, java_script_enabled=scripts)
        contexts.append(context)
        seen = Seen(context.new_page())
        seen.page.on("console", lambda one: seen.messages.append(one.text))
        seen.page.on("pageerror", lambda error: seen.messages.append(str(error)))
        seen.page.on("dialog", seen.dismiss)
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.goto(path.as_uri())
        if scripts:
            seen.page.wait_for_selector("html[data-figures]", timeout=30_000, state="attached")
        return seen

    yield open_file
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def drawn_once(report: Path, opened: Opener) -> Seen:
    return opened(report)


@pytest.fixture
def seen(drawn_once: Seen) -> Iterator[Seen]:
    """The report in a wide, light window; afterwards as it was."""
    yield drawn_once
    drawn_once.page.evaluate("delete document.documentElement.dataset.theme")
    drawn_once.page.set_viewport_size(WIDE)
    drawn_once.page.emulate_media(media="screen", color_scheme="light")


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def furthest(page: Page) -> float:
    """The right edge of the widest figure."""
    edges = page.locator(".plot .main-svg").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().right)"
    )
    return float(max(edges))


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def drawn(page: Page) -> int:
    return page.locator(".plot > .plot-container").count()


def test_it_draws_every_figure_wide_and_narrow_without_a_request_or_a_complaint(
    report: Path, seen: Seen
) -> None:
    assert seen.page.locator("html").get_attribute("data-figures") == "drawn"
    assert drawn(seen.page) == seen.page.locator("[data-plot]").count() == FIGURES
    assert seen.requests == [report.as_uri()]
    assert seen.messages == []
    assert overflow(seen.page) <= 0
    names = seen.page.locator(".modebar-btn").evaluate_all(
        "all => all.map(one => one.dataset.title)"
    )
    assert names
    assert not [name for name in names if "share" in name.lower() or "cloud" in name.lower()]
    assert seen.page.locator(".modebar-btn--logo").count() == 0
    seen.page.set_viewport_size({"width": 400, "height": 800})
    seen.page.wait_for_timeout(300)  # the page waits for the end of a resize
    assert overflow(seen.page) <= 0
    assert furthest(seen.page) <= 400


def test_controls_change_theme_indication_and_inputs(seen: Seen) -> None:
    page = seen.page
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector(".main-svg[style*='26, 33, 40']", state="attached")
    dark = background(page)
    paper = page.locator(".main-svg").first
    assert "26, 33, 40" in str(paper.evaluate("one => one.style.background"))
    page.click("#theme")
    assert background(page) != dark
    assert "255, 255, 255" in str(paper.evaluate("one => one.style.background"))
    page.select_option("#indication", "indication-2")
    assert page.locator("#comparison tbody[data-key='all']").first.is_hidden()
    assert page.locator("#comparison tbody[data-key='indication-2']").first.is_visible()
    page.locator("#comparison .fold summary").first.click()
    assert page.locator("#comparison .fold tbody[data-key='indication-2']").first.is_visible()
    page.select_option("#indication", "all")
    page.check("#filter-assumed")
    shown = page.locator("#inputs tbody tr:visible")
    assert shown.count() == page.locator("#inputs td.assumption:visible").count() > 0


def test_print_is_light_unfolded_and_fits_the_paper(seen: Seen) -> None:
    page = seen.page
    page.set_viewport_size({"width": 690, "height": 900})
    before = page.locator("details[open]").count()
    page.emulate_media(media="print", color_scheme="dark")
    page.wait_for_selector("details:not([open])", state="detached")
    assert background(page) == "rgb(255, 255, 255)"
    assert furthest(page) <= 690
    assert overflow(page) <= 0
    assert page.locator("#theme").is_hidden()
    page.emulate_media(media="screen", color_scheme="dark")
    page.wait_for_selector("details:not([open])", state="attached")
    assert page.locator("details[open]").count() == before
    assert background(page) != "rgb(255, 255, 255)"


def test_without_scripts_the_tables_are_there(report: Path, opened: Opener) -> None:
    page = opened(report, scripts=False).page
    assert page.get_by_text("is drawn by the browser").first.is_visible()
    page.locator("summary").first.click()
    assert page.locator("details table").first.is_visible()


def test_hostile_names_are_shown_as_written(tmp_path: Path, opened: Opener) -> None:
    name = " ".join(HOSTILE)
    data = sample(("auto", "ots"), replications=2, patients=20, labels=(name, HOSTILE[2]),
                  rename=name)  # fmt: skip
    path = tmp_path / "hostile.html"
    path.write_text(render(data), encoding="utf-8")
    seen = opened(path)
    page = seen.page
    assert page.locator("html").get_attribute("data-figures") == "drawn"
    assert page.title().split() == name.split()
    assert name.split() == (page.locator("h1").text_content() or "").split()
    assert HOSTILE[2] in page.locator("#comparison thead").first.inner_text()
    legends = page.locator(".legendtext").all_text_contents()
    assert HOSTILE[2] in legends
    assert page.locator("svg a, img").count() == 0
    page.evaluate("Plotly.Fx.hover('figure-1', [{curveNumber: 1, pointNumber: 3}])")
    page.wait_for_selector(".hoverlayer .hovertext", timeout=5000)
    hovered = "".join(page.locator(".hoverlayer .hovertext").all_text_contents())
    assert HOSTILE[2] in hovered
    assert page.locator(".hoverlayer a").count() == 0
    assert seen.messages == []
    assert seen.requests == [path.as_uri()]
