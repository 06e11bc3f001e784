from __future__ import annotations

import pickle

from cartlogix.ground import errors
from cartlogix.ground.errors import EXIT_CODES, CartlogixError, Finding, InvalidInput


def test_finding_leaves_out_what_is_not_known() -> None:
    assert str(Finding("a.yaml", 3, 5, "plants.x", "is odd")) == "a.yaml:3:5: plants.x: is odd"
    assert str(Finding("a.yaml", 0, 0, "plants.x", "is odd")) == "a.yaml: plants.x: is odd"
    assert str(Finding("a.yaml", 3, 5, "", "is odd")) == "a.yaml:3:5: is odd"
    warning = Finding("a.yaml", 3, 5, "x", "is odd", severity="warning")
    assert str(warning) == "a.yaml:3:5: x: warning: is odd"


def test_invalid_input_sorts_its_findings_one_a_line() -> None:
    late, early = Finding("a.yaml", 9, 1, "y", "two"), Finding("a.yaml", 2, 1, "x", "one")
    error = InvalidInput([late, early])
    assert error.findings == (early, late)
    assert str(error) == "a.yaml:2:1: x: one\na.yaml:9:1: y: two"


def test_invalid_input_survives_the_way_between_processes() -> None:
    error = InvalidInput([Finding("a.yaml", 2, 1, "x", "one")])
    assert pickle.loads(pickle.dumps(error)).findings == error.findings


def test_every_error_has_a_documented_exit_code() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    for kind in kinds:
        if issubclass(kind, CartlogixError):
            assert kind.exit_code in EXIT_CODES
