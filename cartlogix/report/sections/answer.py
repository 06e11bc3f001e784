"""The answer first: which scenario is better, by how much, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

from cartlogix.analysis.registry import Kpi
from cartlogix.report.data import ReportData
from cartlogix.report.sections.contrast import Contrast, Mixes, contrasts
from cartlogix.report.tables import (
    NOT_AVAILABLE,
    interval_decimals,
    is_share,
    joined,
    plain,
    show,
    show_estimate,
    shown_unit,
)

_LOSS_GAP = 0.05
_SAID_BY = {"share.lost": "share.infused"}
"""Headline figures that would only repeat the claim of another one."""


@dataclass(frozen=True)
class Claim:
    """A plain sentence and what it rests on."""

    headline: str
    evidence: str = ""


@dataclass(frozen=True)
class AnswerItem:
    """What is to be said about one question."""

    topic: str
    claims: tuple[Claim, ...]
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """The first section of the page."""

    items: tuple[AnswerItem, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    empty: str = "No headline figure was computed."


def answer(data: ReportData) -> Answer:
    """Return the claims about every headline KPI, the warnings and the notes."""
    headline = [kpi for kpi in data.registry.values() if kpi.headline]
    if len(data.scenarios) > 1:
        judged = [kpi for kpi in headline if kpi.direction != "none"]
        names = {kpi.name for kpi in judged}
        mixes = Mixes.of(data)
        pairs = len(data.scenarios) * (len(data.scenarios) - 1) // 2
        items = [_compared(data, kpi, len(judged) * pairs, mixes) for kpi in judged
                 if kpi.name not in _SAID_BY or _SAID_BY[kpi.name] not in names]  # fmt: skip
    else:
        items = [_level(data, kpi) for kpi in headline]
    return Answer(tuple(item for item in items if item), data.warnings, _notes(data))


def _level(data: ReportData, kpi: Kpi) -> AnswerItem | None:
    rows = data.summary
    rows = rows[(rows["kpi"] == kpi.name) & (rows["group"] == "") & (rows["indication"] == "all")]
    if rows.empty:
        return None
    row = rows.iloc[0]
    value, interval = show_estimate(row["mean"], row["low"], row["high"], kpi.unit)
    evidence = ""
    if interval == NOT_AVAILABLE:
        evidence = "An interval is not available with one replication."
    elif interval:
        evidence = (f"95 % interval {joined(interval, shown_unit(kpi.unit))},"
                    f" over {int(row['n'])} replications.")  # fmt: skip
    return AnswerItem(kpi.title, (Claim(value, evidence),))


def _compared(data: ReportData, kpi: Kpi, comparisons: int, mixes: Mixes) -> AnswerItem | None:
    found = contrasts(data, kpi.name, comparisons, mixes)
    if not found:
        return None
    known = [contrast for contrast in found if contrast.known]
    if not known:
        which = _undefined(data, found)
        return AnswerItem(kpi.title, (Claim(f"Cannot be compared: not applicable to {which}"),))
    leader = _leader(known, kpi)
    shown = [_from(leader, contrast) for contrast in known if leader in (contrast.a, contrast.b)]
    claims = [_claim(data, kpi, contrast) for contrast in shown]
    caveats = [text for contrast in shown for text in _caveats(data, kpi, contrast)]
    if len(known) < len(found):
        caveats.append(f"Not applicable to {_undefined(data, found)}.")
    return AnswerItem(kpi.title, tuple(claims), tuple(dict.fromkeys(caveats)))


def _leader(known: list[Contrast], kpi: Kpi) -> str:
    """Return the scenario that most others are not better than; the first one of equals."""
    wins = dict.fromkeys([name for one in known for name in (one.a, one.b)], 0)
    for one in known:
        b_wins = one.difference < 0 if kpi.direction == "lower" else one.difference > 0
        if one.difference:
            wins[one.b if b_wins else one.a] += 1
    return max(wins, key=wins.__getitem__)


def _from(leader: str, contrast: Contrast) -> Contrast:
    return contrast if contrast.b == leader else contrast.turned()


def _claim(data: ReportData, kpi: Kpi, contrast: Contrast) -> Claim:
    best, other = data.labels[contrast.b], data.labels[contrast.a]
    levels = f"{_level_of(kpi, contrast, contrast.mean_b)} against "
    levels += _level_of(kpi, contrast, contrast.mean_a)
    if contrast.standardised:
        levels += ", indications weighed alike"
    if not contrast.has_interval:
        sure = "An interval is not available with one replication, so how sure this is is unknown."
        if contrast.difference == 0:
            return Claim(f"No difference between {best} and {other}", f"{levels}. {sure}")
        return Claim(_sentence(kpi, contrast, best, other), f"{levels}. {sure}")
    rests = f"paired over {contrast.n} replications; {levels}."
    if not contrast.clear:
        equal = contrast.difference == contrast.low == contrast.high == 0
        headline = f"No {'' if equal else 'clear '}difference between {best} and {other}"
        return Claim(headline, f"Difference {_signed(kpi, contrast)}, {rests}")
    low, high = sorted((abs(contrast.low), abs(contrast.high)))
    _, interval = _digits(kpi, abs(contrast.difference), low, high)
    return Claim(_sentence(kpi, contrast, best, other), f"95 % interval {interval}, {rests}")


def _level_of(kpi: Kpi, contrast: Contrast, value: float) -> str:
    """Return a level to no more digits than the interval of the difference supports."""
    if not contrast.has_interval or contrast.low == contrast.high:
        return show(value, kpi.unit)
    factor = 100 if is_share(kpi.unit) else 1
    places = interval_decimals(contrast.low * factor, contrast.high * factor)
    places = min(places, interval_decimals(value * factor, value * factor))
    return joined(plain(value * factor, places), shown_unit(kpi.unit))


def _sentence(kpi: Kpi, contrast: Contrast, best: str, other: str) -> str:
    """Say in the words of the KPI's family how the better one differs from the other one."""
    low, high = sorted((abs(contrast.low), abs(contrast.high)))
    size, _ = _digits(kpi, abs(contrast.difference), low, high)
    lower = contrast.difference < 0
    if kpi.family == "lead_time" and kpi.unit == "d":
        return f"{best} is {size} {'faster' if lower else 'slower'} than {other}"
    if kpi.family == "cost":
        return f"{best} costs {size} {'less' if lower else 'more'} than {other}"
    return f"It is {size} {'lower' if lower else 'higher'} with {best} than with {other}"


def _digits(kpi: Kpi, value: float, low: float, high: float) -> tuple[str, str]:
    """Return a difference and its interval with units; shares differ by percentage points."""
    factor = 100 if is_share(kpi.unit) else 1
    unit = "percentage points" if is_share(kpi.unit) else kpi.unit
    known = low == low and high == high  # noqa: PLR0124 - NaN where there is no interval
    some = known and low != high
    places = interval_decimals(low * factor, high * factor) if some else None
    size = joined(plain(value * factor, places), unit)
    if not known:
        return size, NOT_AVAILABLE
    return size, joined(f"{plain(low * factor, places)} to {plain(high * factor, places)}", unit)


def _signed(kpi: Kpi, contrast: Contrast) -> str:
    size, interval = _digits(kpi, contrast.difference, contrast.low, contrast.high)
    return f"{size}, 95 % interval {interval}"


def _caveats(data: ReportData, kpi: Kpi, contrast: Contrast) -> list[str]:
    best, other = data.labels[contrast.b], data.labels[contrast.a]
    pooled, _ = _digits(kpi, abs(contrast.pooled), float("nan"), float("nan"))
    way = "lower" if contrast.pooled < 0 else "higher"
    caveats = []
    if contrast.paradox:
        caveats.append(
            f"The pooled figures point the other way ({best} {pooled} {way} than {other}) because"
            " the indications are mixed differently. The comparison above weighs the indications"
            " alike."
        )
    elif contrast.standardised and contrast.mix_differs:
        caveats.append(
            f"{best} and {other} treat different mixes of indications, so the indications are"
            f" weighed alike; the pooled figures differ by {pooled} ({best} {way})."
        )
    if contrast.other_way:
        titles = data.indications
        against = _listed([titles.get(name, name) for name in contrast.other_way])
        text = f"The direction depends on the indication: it is the reverse for {against}"
        agreeing = _listed([titles.get(name, name) for name in contrast.same_way])
        caveats.append(f"{text}, as stated for {agreeing}." if agreeing else f"{text}.")
    return caveats


def _undefined(data: ReportData, found: list[Contrast]) -> str:
    pairs = [(one.a, one.mean_a) for one in found] + [(one.b, one.mean_b) for one in found]
    names = dict.fromkeys(name for name, value in pairs if value != value)  # noqa: PLR0124 - NaN
    return _listed([data.labels[name] for name in names]) or "both at once"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _notes(data: ReportData) -> tuple[str, ...]:
    notes = []
    patients = data.patient_times
    enrolled = patients.groupby("scenario", observed=True).size()
    if len({item.scenario.costs.currency for item in data.scenarios}) > 1:
        notes.append("The scenarios use different currencies: their costs cannot be compared.")
    if not len(patients):
        notes.append("No patient was enrolled in the measured window.")
    for name in data.names:
        own = patients[patients["scenario"] == name]
        unfinished = int((own["status"] == "in_progress").sum())
        if unfinished:
            notes.append(
                f"{data.labels[name]}: {plain(unfinished, 0)} of {plain(int(enrolled[name]), 0)}"
                f" patients ({show(unfinished / len(own), 'share')}) were still under way when"
                " the run stopped. They count as enrolled and not as infused."
            )
    notes += _survivors(data)
    if data.replications == 1:
        notes.append("Only one replication was run: no interval can be given.")
    notes.append(_assumptions(data))
    return tuple(notes)


def _survivors(data: ReportData) -> list[str]:
    """Warn where lead times of the infused compare groups with different losses."""
    patients = data.patient_times
    infused = (patients["status"] == "infused").groupby(patients["scenario"].astype(str)).mean()
    if len(infused) < 2 or infused.max() - infused.min() <= _LOSS_GAP:
        return []
    shares = "; ".join(f"{data.labels[name]} {show(float(infused[name]), 'share')}"
                       for name in data.names if name in infused.index)  # fmt: skip
    return [f"Lead times are those of infused patients, and not all are infused: {shares}."]


def _assumptions(data: ReportData) -> str:
    paths = {row.path for row in data.inputs}
    assumed = {row.path for row in data.inputs if row.source is None}
    if not paths:
        return "No inputs are listed."
    return f"{len(assumed)} of {len(paths)} inputs have no stated source and are assumptions."
