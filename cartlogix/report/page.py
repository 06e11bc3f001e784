"""The page put together: sections in reading order, figures as data, nothing from outside."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from cartlogix.report.contents import Section, contents
from cartlogix.report.data import ReportData
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.sections.answer import Answer, answer
from cartlogix.report.sections.break_even import break_even_group
from cartlogix.report.sections.choice import choice_group
from cartlogix.report.sections.comparison import indication_choices
from cartlogix.report.sections.overview import Tile, tiles
from cartlogix.report.tables import Fold, Table
from cartlogix.report.theme import CONFIG, DARK

# What could end a script element, start a comment, or end a line in an older script engine.
_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}
_JOINTS = re.compile(r"(?<=\w)[./_](?=[^\W\d])|(?<=[^\W\d])[./_](?=\w)")  # not inside 21.2


@dataclass(frozen=True)
class Head:
    """The top of a page: its title, the question that it answers, and what it is."""

    title: str
    question: str
    kicker: str


@dataclass(frozen=True)
class _Shown:
    """An exhibit as the template shows it; `plot` is the element's id, ours and never a name."""

    title: str
    caption: str
    label: str
    plot: str
    height: int
    table: Table
    empty: str


@dataclass(frozen=True)
class _ShownSection:
    key: str
    short: str
    title: str
    lead: str
    items: tuple[Any, ...]
    lines: tuple[str, ...]
    exhibits: tuple[_Shown, ...]
    tables: tuple[Table, ...]
    folds: tuple[Fold, ...]


@dataclass(frozen=True)
class _Plot:
    key: str
    json: Markup


def render(data: ReportData) -> str:
    """Return the report as one HTML document that needs nothing from outside.

    Names and texts of the data are shown as written, whatever they hold.
    """
    data = data.with_currency()
    return document(
        Head(data.title, data.question or "", _kicker(data)),
        contents(data),
        _answered(data),
        tiles(data),
        indication_choices(data),
    )


def _answered(data: ReportData) -> Answer:
    """Return who won a race, the claims, and after them the places where they turn."""
    found = answer(data)
    turning = break_even_group(data.break_even, data.currency)
    return replace(found, groups=(*choice_group(data.manifest), *found.groups, *turning))


def document(
    head: Head,
    listed: Sequence[Section],
    answered: Answer,
    shown_tiles: Sequence[Tile] = (),
    choices: Sequence[tuple[str, str]] = (),
) -> str:
    """Return sections as one HTML document; names and texts are shown as written."""
    plots: list[_Plot] = []
    sections = [_section(section, plots) for section in listed]
    css, js = _static("report.css"), _static("report.js")
    library, library_hash = _library()
    hashes = [_hash(js), library_hash] if plots else [_hash(js)]
    return _environment().get_template("report.html.j2").render(
        head=head,
        sections=sections,
        answer=answered,
        tiles=shown_tiles,
        choices=choices,
        plots=plots,
        shared=json_block({"config": CONFIG, "dark": DARK}),
        library=Markup(library),
        css=Markup(css),
        js=Markup(js),
        policy=_policy(hashes),
        footer="Made with cartlogix. The file holds everything it shows and asks for nothing from"
        " a network.",
    )  # fmt: skip


def json_block(value: object) -> Markup:
    """Return data as JSON that cannot end the script element it stands in.

    Raises:
        ValueError: if a number is NaN or infinite, which JSON cannot say.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(_ESCAPES))


def _section(section: Section, plots: list[_Plot]) -> _ShownSection:
    return _ShownSection(
        section.key,
        section.short,
        section.title,
        section.lead,
        section.items,
        section.lines,
        tuple(_shown(exhibit, plots) for exhibit in section.exhibits),
        section.tables,
        section.folds,
    )


def _shown(exhibit: Exhibit, plots: list[_Plot]) -> _Shown:
    key, height = "", 0
    if exhibit.figure is not None:
        key = f"figure-{len(plots) + 1}"
        height = int(exhibit.figure.layout.height)
        spec = json.loads(exhibit.figure.to_json())
        plots.append(_Plot(key, json_block({"data": spec["data"], "layout": spec["layout"]})))
    return _Shown(exhibit.title, exhibit.caption, exhibit.label, key, height, exhibit.table,
                  exhibit.empty)  # fmt: skip


def _kicker(data: ReportData) -> str:
    def count(number: int, word: str) -> str:
        return f"{number} {word}" if number == 1 else f"{number} {word}s"

    replications = count(data.replications, "replication")
    if len(data.scenarios) > 1:
        return f"Comparison of {len(data.scenarios)} scenarios, {replications} each"
    return f"Report on {count(len(data.scenarios), 'scenario')}, {replications}"


def _policy(hashes: list[str]) -> str:
    """Return a content security policy that lets these scripts run and nothing leave the page.

    Plotly styles its elements in place, so styles are allowed; pictures only from the page itself.
    """
    scripts = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
        "img-src data: blob:; connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _static(name: str) -> str:
    return resources.files("cartlogix.report").joinpath("static", name).read_text("utf-8")


@cache
def _library() -> tuple[str, str]:
    """Return plotly.js, packed and in base64, and the hash that the policy allows it by."""
    text = resources.files("plotly").joinpath("package_data", "plotly.min.js").read_text("utf-8")
    packed = gzip.compress(text.encode(), compresslevel=9, mtime=0)
    return base64.b64encode(packed).decode(), _hash(text)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("cartlogix.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["unbroken"] = _unbroken
    environment.filters["breakable"] = _breakable
    return environment


def _unbroken(text: str) -> Markup:
    """Escape a text and keep the name of the therapy on one line."""
    return Markup(escape(text).replace("CAR-T", Markup('<span class="nobr">CAR-T</span>')))


def _breakable(text: str) -> Markup:
    """Escape a path or a name and let a line end after its dots, slashes and underscores."""
    return Markup(_JOINTS.sub(r"\g<0><wbr>", str(escape(text))))
