"""The pages are fresh, their links lead somewhere, and their words are in use."""

import re
from pathlib import Path

import pytest

from docs.build_reference import PAGES, is_fresh, main
from tests.architecture.source import ROOT
from tests.docs.commands import DOCS

MARKDOWN = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HEAD = re.compile(r"^#+ (.+)$", re.MULTILINE)
_TERM = re.compile(r"^- \*\*(.+?)\*\*: (.+)$", re.MULTILINE)
# Figures with a decimal point or a percent sign claim a measurement.
_CLAIM = re.compile(r"\d+\.\d+|\d+ %")


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """The ids that headings get."""
    heads = _HEAD.findall(prose(page))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES)
def test_generated_page_is_fresh(page: str) -> None:
    assert is_fresh(page), f"run: python docs/build_reference.py {page}"


def test_check_names_a_stale_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("docs.build_reference.DOCS", tmp_path)
    assert main(["--check", "kpis.md"]) == 1
    assert main(["kpis.md"]) == 0
    assert main(["--check", "kpis.md"]) == 0
    assert capsys.readouterr().out == "kpis.md: stale\nkpis.md: written\n"


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(prose(page)):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def test_every_page_is_in_the_index() -> None:
    linked = set(_LINK.findall((DOCS / "README.md").read_text("utf-8")))
    pages = {page.name for page in DOCS.iterdir() if page.suffix in (".md", ".json")}
    assert pages - {"README.md"} <= linked


def test_glossary_is_in_order_and_in_use() -> None:
    glossary = DOCS / "glossary.md"
    terms = _TERM.findall(glossary.read_text("utf-8"))
    names = [name for name, _ in terms]
    assert names == sorted(names, key=str.casefold)
    assert len(set(names)) == len(names) > 50
    assert all(meaning.endswith(".") and ". " not in meaning for _, meaning in terms)
    sources = [*(ROOT / "cartlogix").rglob("*.py"), *DOCS.glob("*.md")]
    used = " ".join(f.read_text("utf-8") for f in sources if f != glossary).casefold()
    used = re.sub(r"[-_\s]+", " ", used)
    assert [n for n in names if re.sub("[-_ ]+", " ", n.casefold()) not in used] == []


@pytest.mark.parametrize("name", ["add-a-modality.md", "README.md"])
def test_guides_claim_no_results(name: str) -> None:
    assert _CLAIM.findall(re.sub(r"`[^`]+`", "", prose(DOCS / name))) == []


def test_decisions_are_numbered_once_and_without_gaps() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    for number, page in enumerate(pages, start=1):
        assert page.name.startswith(f"{number:04d}-")
        assert page.read_text("utf-8").startswith(f"# {number}. ")
