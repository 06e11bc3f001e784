"""One comparison in words: which way, by how much, how sure, and what to be wary of."""

from __future__ import annotations

from cartlogix.analysis.kpi import Kpi
from cartlogix.report.data import ReportData
from cartlogix.report.sections.contrast import Contrast
from cartlogix.report.tables import (
    NOT_AVAILABLE,
    interval_decimals,
    is_point,
    is_share,
    joined,
    plain,
    show,
    shown_unit,
)


def claim(data: ReportData, kpi: Kpi, contrast: Contrast) -> tuple[str, str]:
    """Return how scenario `b` differs from `a` in a sentence, and what the sentence rests on."""
    subject, other = data.short_labels[contrast.b], data.short_labels[contrast.a]
    levels = f"{_level(kpi, contrast, contrast.mean_b)} against "
    levels += _level(kpi, contrast, contrast.mean_a)
    if contrast.standardised:
        levels += ", indications weighed alike"
    if not contrast.has_interval:
        found = _digits(kpi, contrast.difference, contrast.low, contrast.high)[0]
        return (
            f"One replication cannot tell whether {subject} and {other} differ",
            f"In the one there is, the difference is {found}: {levels}. Without a second one"
            " no interval is available, and chance alone may have made the difference.",
        )
    rests = f"paired over {contrast.n} replications; {levels}."
    if contrast.difference == contrast.low == contrast.high == 0:
        return f"No difference between {subject} and {other}", _capital(rests)
    if not contrast.clear:
        headline = f"No clear difference between {subject} and {other}"
        size, interval = _digits(kpi, contrast.difference, contrast.low, contrast.high)
        return headline, f"Difference {size}, 95 % interval {interval}, {rests}"
    if is_point(contrast.low, contrast.high):
        rests = f"The same in every replication, {rests}"
        return _sentence(kpi, contrast, subject, other), rests
    low, high = sorted((abs(contrast.low), abs(contrast.high)))
    _, interval = _digits(kpi, abs(contrast.difference), low, high)
    return _sentence(kpi, contrast, subject, other), f"95 % interval {interval}, {rests}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _level(kpi: Kpi, contrast: Contrast, value: float) -> str:
    """Return a level to no more digits than the interval of the difference supports."""
    if not contrast.has_interval or is_point(contrast.low, contrast.high):
        return show(value, kpi.unit)
    factor = 100 if is_share(kpi.unit) else 1
    places = interval_decimals(contrast.low * factor, contrast.high * factor)
    places = min(places, interval_decimals(value * factor, value * factor))
    return joined(plain(value * factor, places), shown_unit(kpi.unit))


def _sentence(kpi: Kpi, contrast: Contrast, subject: str, other: str) -> str:
    """Say in the words of the KPI's family how one scenario differs from the other one."""
    low, high = sorted((abs(contrast.low), abs(contrast.high)))
    size, _ = _digits(kpi, abs(contrast.difference), low, high)
    lower = contrast.difference < 0
    if kpi.family == "lead_time" and kpi.unit == "d":
        return f"{subject} is {size} {'faster' if lower else 'slower'} than {other}"
    if kpi.family == "cost":
        return f"{subject} costs {size} {'less' if lower else 'more'} than {other}"
    return f"It is {size} {'lower' if lower else 'higher'} with {subject} than with {other}"


def _digits(kpi: Kpi, value: float, low: float, high: float) -> tuple[str, str]:
    """Return a difference and its interval with units; shares differ by percentage points."""
    factor = 100 if is_share(kpi.unit) else 1
    unit = "percentage points" if is_share(kpi.unit) else kpi.unit
    known = low == low and high == high  # noqa: PLR0124 - NaN where there is no interval
    some = known and not is_point(low, high)
    places = interval_decimals(low * factor, high * factor) if some else None
    size = joined(plain(value * factor, places), unit)
    if not known:
        return size, NOT_AVAILABLE
    return size, joined(f"{plain(low * factor, places)} to {plain(high * factor, places)}", unit)


def caveats(data: ReportData, kpi: Kpi, contrast: Contrast) -> list[str]:
    """Return what the mix of indications does to a comparison, in sentences."""
    subject, other = data.short_labels[contrast.b], data.short_labels[contrast.a]
    pooled, _ = _digits(kpi, abs(contrast.pooled), float("nan"), float("nan"))
    way = "lower" if contrast.pooled < 0 else "higher"
    found = []
    if contrast.paradox:
        found.append(
            f"The pooled figures point the other way ({subject} {pooled} {way} than {other})"
            " because the indications are mixed differently. The comparison above weighs the"
            " indications alike."
        )
    elif contrast.standardised and contrast.mix_differs:
        found.append(
            f"{subject} and {other} treat different mixes of indications, so the indications are"
            f" weighed alike; the pooled figures differ by {pooled} ({subject} {way})."
        )
    if contrast.other_way:
        titles = data.indications
        against = _listed([titles.get(name, name) for name in contrast.other_way])
        text = f"The direction depends on the indication: it is the reverse for {against}"
        agreeing = _listed([titles.get(name, name) for name in contrast.same_way])
        found.append(f"{text}, as stated for {agreeing}." if agreeing else f"{text}.")
    return found


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
