"""The page as text: nothing escapes, nothing is undefined, nothing is sent, and it stays small."""

import html
import json
import re
from dataclasses import replace

import pytest

from cartlogix.report.data import ReportData
from cartlogix.report.page import json_block, render
from cartlogix.report.sections.overview import tiles
from cartlogix.report.theme import CONFIG
from tests.unit.report.samples import HOSTILE, sample, sample_people, tallied

LIMIT = 3_000_000  # bytes


def without_library(page: str) -> str:
    """The page less plotly itself, whose own text is not ours to judge."""
    return re.sub(r'<script type="text/plain" id="library">.*?</script>', "", page, flags=re.S)


def words(page: str) -> str:
    """What stands outside scripts and styles."""
    return re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.S)


@pytest.fixture(scope="module")
def page() -> str:
    return render(sample())


def test_a_demo_sized_page_stays_small(page: str) -> None:
    assert len(page.encode()) < LIMIT


def test_the_same_data_give_the_same_bytes(page: str) -> None:
    assert render(sample()) == page


def test_sections_stand_in_reading_order(page: str) -> None:
    found = re.findall(r'<section id="([a-z-]+)"', page)
    assert found == ["answer", "overview", "comparison", "lead-time", "cost", "flow", "capacity",
                     "stock", "inputs", "method", "provenance", "kpis"]  # fmt: skip


def test_warnings_stand_above_the_claims_that_depend_on_them(page: str) -> None:
    section = page.split('<section id="answer"')[1].partition("</section>")[0]
    (warning,) = sample().warnings
    assert section.count(warning) == 1
    assert section.index(warning) < section.index('<ul class="answers">')


def test_a_tile_shows_the_whole_description() -> None:
    data = sample(("auto",))
    text = "Every patient is served by one plant. " * 12
    one = replace(data.scenarios[0], description=text)
    assert tiles(replace(data, scenarios=(one,)))[0].description == text.strip()


def test_nothing_is_loaded_from_outside(page: str) -> None:
    own = without_library(page)
    assert not re.search(r"<(link|iframe|img|object|embed)\b|\ssrc=|@import|url\(", own)
    policy = html.unescape(
        own.split('http-equiv="Content-Security-Policy" content="')[1].split('"')[0]
    )
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]


def test_no_figure_can_be_shared_to_a_cloud(page: str) -> None:
    text = re.search(r'id="shared">(.*?)</script>', page)
    assert text
    config = json.loads(text[1])["config"]
    assert config == CONFIG
    assert config["showSendToCloud"] is False
    assert config["plotlyServerURL"] == ""
    assert config["displaylogo"] is False


def test_every_figure_has_a_name_a_caption_and_a_table(page: str) -> None:
    figures = re.findall(r"<figure>.*?</figure>.*?<h[23]|<figure>.*", page, flags=re.S)
    assert len(figures) == page.count("<figure>") == 10
    for figure in figures:
        assert 'role="img"' in figure
        assert re.search(r'aria-label="[^"]+"', figure)
        assert "<figcaption>" in figure
        assert "<details>" in figure


@pytest.mark.parametrize("name", [HOSTILE[0], HOSTILE[1], " ".join(HOSTILE)])
def test_hostile_names_stay_text(name: str) -> None:
    page = without_library(render(sample(("auto", "ots"), replications=2, patients=20,
                                         labels=(name, f"{name} 2"), rename=name)))  # fmt: skip
    assert "<script>alert" not in page
    assert "<img" not in page
    assert '<a href="javascript' not in page
    assert page.count("<script") == page.count("</script>")
    for block in re.findall(r'type="application/json"[^>]*>(.*?)</script>', page, flags=re.S):
        assert json.loads(block) is not None
        assert not re.search("[<>&\u2028\u2029]", block)


def test_hostile_names_never_become_ids() -> None:
    name = " ".join(HOSTILE)
    page = render(sample(("auto", "ots"), replications=2, patients=20, labels=(name, "b"),
                         rename=name))  # fmt: skip
    ids = re.findall(r'\sid="([^"]*)"', without_library(page))
    assert all(re.fullmatch(r"[a-z0-9-]+", one) for one in ids)
    assert len(ids) == len(set(ids))


def edge(**changes: object) -> ReportData:
    return sample(("auto", "ots"), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        edge(infused=False, patients=30),
        edge(infused=False, patients=0),
        edge(replications=1, patients=1),
        edge(replications=1),
        sample(("auto",)),
        replace(edge(), traces={}, inputs=(), warnings=(), manifest={}, question=""),
    ],
    ids=["nobody-infused", "nobody-enrolled", "one-patient", "one-replication", "one-scenario",
         "bare"],
)  # fmt: skip
def test_edges_render_in_words(data: ReportData) -> None:
    text = words(render(data))
    assert not re.search(r"\b(nan|NaN|None|inf|Infinity|undefined)\b", text)


def test_all_identical_values_render() -> None:
    data = edge(patients=5)
    people = sample_people(("auto", "ots"), 2, 5).assign(days=7.0, status="infused")
    same = replace(data, patients=tallied(people))
    assert "NaN" not in without_library(render(same))


def test_json_refuses_what_json_cannot_say() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        json_block({"a": float("nan")})


def test_tables_are_there_without_scripts(page: str) -> None:
    assert "Data table" in words(page)
    assert "tbody hidden" not in page
