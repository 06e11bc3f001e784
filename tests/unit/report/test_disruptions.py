"""The report of a disturbed plant: its sections, its tables, and whom it cost the infusion."""

from typing import Any

import pytest

from cartlogix.experiment.run import Options, run_study
from cartlogix.experiment.study import read_study
from cartlogix.report.contents import contents
from cartlogix.report.data import ReportData
from cartlogix.report.page import render
from cartlogix.report.read import read_results
from cartlogix.report.sections.disruptions import disruption_tables

SCENARIO = """\
name: plant
demand:
  arrivals: {process: interval, every: 2 d}
  indications: [{name: lupus, drop_out: [{name: death, after: 20 d}]}]
network:
  plants: [{name: plant, resources: {suite: 4}}]
stocks:
  - {name: doses, initial: 2, replenishment: {rule: base_stock, level: 2}}
pathways:
  - name: own cells
    modality: autologous
    route:
      - name: manufacture
        needs: suite
        duration: 7 d
        failure: {probability: 0, then: {action: remake, from_step: manufacture}}
      - {name: draw, draw: doses}
      - name: infusion
run: {enrolment: 63 d, periods: 7 d, replications: 2}
"""
FIRE = "{name: fire, kind: outage, site: plant, resource: suite, at: [9 d], lasts: 30 d, "
RECALL = "{name: recall, kind: recall, stock: doses, at: [20 d], lot: 1}"
EXPERIMENT = f"""\
name: outage
scenarios:
  - {{name: calm, file: plant.yaml}}
  - name: hit
    file: plant.yaml
    set: {{disruptions: [{FIRE}in_process: destroy}}, {RECALL}]}}
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> ReportData:
    home = tmp_path_factory.mktemp("outage")
    (home / "plant.yaml").write_text(SCENARIO, "utf-8")
    (home / "outage.yaml").write_text(EXPERIMENT, "utf-8")
    run_study(read_study([home / "outage.yaml"]), home / "results", Options())
    return read_results(home / "results")


def rows(data: ReportData, words: str) -> list[tuple[Any, ...]]:
    table = next(one for one in disruption_tables(data) if words in one.caption)
    return [row for group in table.groups for row in group.rows]


def test_both_sections_stand_before_the_inputs(data: ReportData) -> None:
    keys = [section.key for section in contents(data)]
    assert keys.index("over-time") < keys.index("disruptions") < keys.index("inputs")
    assert "Dip and recovery" in render(data)


def test_whom_it_cost_the_infusion(data: ReportData) -> None:
    # Suites are closed from day 9 to 39. Patient k enrols on day 2 k and dies 20 days later: the
    # first two are through by day 9, and of those who start on day 39 the 13th is just in time.
    lost = rows(data, "infused without")
    assert [row[0] for row in lost] == [str(number) for number in range(2, 13)]
    assert {row[3] for row in lost} == {"death"}


def test_a_recall_lists_every_dose(data: ReportData) -> None:
    listed = rows(data, "Recalled lots")
    assert sum(int(row[-1]) for row in listed) == 2
    assert {row[0] for row in listed} == {"recall"}
