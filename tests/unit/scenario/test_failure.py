"""What follows a failure, and material that is too old: short forms, and what cannot follow."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from cartlogix.scenario.failure import Branch, Failure, Fresh

FAILURE: dict[str, Any] = {"probability": 0.1}
FRESH: dict[str, Any] = {"life": "3 d"}


@pytest.mark.parametrize(("part", "given"), [(Failure, FAILURE), (Fresh, FRESH)])
def test_a_branch_may_be_one_word_or_one_mapping(
    part: type[Failure | Fresh], given: dict[str, Any]
) -> None:
    word = part.model_validate(given | {"then": "lost", "exhausted": "infuse"})
    mapping = part.model_validate(
        given | {"then": {"action": "lost"}, "exhausted": {"action": "infuse"}}
    )
    assert word == mapping
    assert (word.then, word.exhausted) == ((Branch(action="lost"),), Branch(action="infuse"))


@pytest.mark.parametrize(("part", "given"), [(Failure, FAILURE), (Fresh, FRESH)])
@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"exhausted": "remake"}, "'exhausted' cannot be a remake"),
        ({"then": ({"action": "lost", "share": 0},)}, "the shares of 'then' must not all be 0"),
        ({"then": ()}, "at least 1 item"),
    ],
)
def test_what_cannot_follow(
    part: type[Failure | Fresh], given: dict[str, Any], more: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValidationError, match=why):
        part.model_validate(given | more)


def test_material_that_is_too_old_is_a_failure_that_always_happens() -> None:
    fresh = Fresh.model_validate(FRESH | {"then": "lost", "max_attempts": 2})
    assert fresh.failure == Failure.model_validate(
        {"probability": 1, "then": "lost", "max_attempts": 2}
    )
