"""The claims of a comparison with the places where they turn into their contrary."""

from __future__ import annotations

from cartlogix.experiment.find_break_even import BreakEvens
from cartlogix.report.break_even_data import questions
from cartlogix.report.break_even_text import sentence
from cartlogix.report.figures.break_even import break_even_exhibit
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.sections.answer import AnswerGroup, AnswerItem

TITLE = "Where they change places"
LEAD = (
    "Everything but the named factors stays as in the scenarios. All bands and verdicts"
    " of a question hold together with 95 % (Bonferroni); a band holds the true place if the"
    " difference runs straight between the levels that were tried."
)


def break_even_group(found: BreakEvens | None, currency: str) -> tuple[AnswerGroup, ...]:
    """Return what is to be said in the answer, none if nothing was asked."""
    items = tuple(
        AnswerItem(
            question.title,
            sentence(question),
            f"{question.asked['replications']} replications on the same patients at each level.",
        )
        for question in questions(found, currency)
    )
    return (AnswerGroup(TITLE, "", items),) if items else ()


def break_even_exhibits(found: BreakEvens | None, currency: str) -> tuple[Exhibit, ...]:
    """Return a chart for each question and figure."""
    return tuple(break_even_exhibit(question) for question in questions(found, currency))
