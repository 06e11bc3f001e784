"""The inputs: listed once, and counted alike wherever the page counts them."""

import re
from dataclasses import replace

from cartlogix.report.data import InputRow
from cartlogix.report.sections.answer import answer
from cartlogix.report.sections.inputs import input_lead, input_table
from cartlogix.report.sections.method import method_items
from tests.unit.report.samples import sample


def test_every_place_counts_the_same_inputs() -> None:
    rows = (
        InputRow("auto", "shared", "1 d", None),
        InputRow("ots", "shared", "1 d", None),
        InputRow("auto", "differs", "1 d", "a paper"),
        InputRow("ots", "differs", "2 d", None),
        InputRow("ots", "own", "3 d", None),
        InputRow("ots", "noted", "3 d", None, "a guess"),
    )
    data = replace(sample(("auto", "ots")), inputs=rows)
    (group,) = input_table(data).groups
    listed = [row[0] for row in group.rows]
    assert listed == ["shared", "differs", "differs", "own", "noted"]
    (data_item,) = [item.text for item in method_items(data) if item.head == "Data"]
    found = answer(data)
    counts = {
        input_lead(data): "5 inputs, 4 of them",
        data_item: "5 inputs are listed under Inputs; 4 are",
        found.notes[-1]: "4 of 5 inputs have",
        found.groups[0].caution: "3 of its 3 own inputs",
    }
    for text, words in counts.items():
        assert re.search(words, text), (text, words)
