"""Counts of patients: nobody is left out, and how they come in parts does not matter."""

import pandas as pd
import pytest

from cartlogix.report.patients import PER_DAY, Tally
from tests.unit.report.samples import sample_people, tallied


def test_counts_by_hand() -> None:
    rows = [
        ("a", "lupus", "infused", "", 7.0),
        ("a", "lupus", "infused", "", 7.004),
        ("a", "myeloma", "lost", "death", float("nan")),
        ("b", "lupus", "in_progress", "", float("nan")),
    ]
    columns = ["scenario", "indication", "status", "cause", "days"]
    found = tallied(pd.DataFrame(rows, columns=columns))
    assert found.ends.set_index(columns[:4])["patients"].to_dict() == {
        ("a", "lupus", "infused", ""): 2,
        ("a", "myeloma", "lost", "death"): 1,
        ("b", "lupus", "in_progress", ""): 1,
    }
    assert (found.of("a"), found.of("a", "infused"), found.of("b", "lost")) == (3, 2, 0)
    # Whoever is infused within seven days is counted there, and nobody else.
    assert found.infused["a"].tolist() == [0] * (7 * PER_DAY) + [1, 1]
    assert set(found.infused) == {"a"}


@pytest.mark.parametrize("step", [1, 7, 64])
def test_parts_add_up(step: int) -> None:
    people = sample_people(("auto", "ots"), 2, 30)
    whole, tally = tallied(people), Tally()
    for first in range(0, len(people), step):
        tally.add(people[first : first + step])
    found = tally.patients()
    keys = ["scenario", "indication", "status", "cause"]
    pd.testing.assert_frame_equal(
        found.ends.sort_values(keys, ignore_index=True),
        whole.ends.sort_values(keys, ignore_index=True),
    )
    assert {k: v.tolist() for k, v in found.infused.items()} == {
        k: v.tolist() for k, v in whole.infused.items()
    }
    assert found.of("auto") == found.of("ots") == 60


def test_of_nobody() -> None:
    found = Tally().patients()
    assert (found.of("a"), found.infused) == (0, {})
