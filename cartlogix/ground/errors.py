# ruff: noqa: N818 - outcomes are named by what happened, not by the suffix Error
"""What can go wrong, and the exit code with which the command line says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal

Severity = Literal["error", "warning"]

EXIT_CODES: Mapping[int, str] = MappingProxyType(
    {
        0: "success; warnings may have been printed",
        1: "selftest only: a figure lies outside its band",
        2: "invalid input: a scenario, an experiment or an option",
        3: "partial failure: some scenarios or replications failed, the others are kept",
        4: "infeasible: no schedule meets the requirements",
        70: "internal error: please report it",
        71: "out of resources: memory, worker processes, or the workers of a cluster",
        73: "output refused: the folder exists or is in use",
        74: "writing failed: disk full or input/output error",
        130: "interrupted (Ctrl-C); finished work is kept",
        143: "terminated (SIGTERM); finished work is kept",
    }
)
"""Every exit code of the command line and its meaning."""


@dataclass(frozen=True, order=True)
class Finding:
    """One problem in an input file; findings sort by place.

    `line` and `column` count from 1; line 0 means that no place is known. `path` is the dotted
    path of the key, empty for the file as a whole.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        """Return `file:line:column: path: message`, without the parts that are not known."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        message = f"warning: {self.message}" if self.severity == "warning" else self.message
        return ": ".join(part for part in (place, self.path, message) if part)


class CartlogixError(Exception):
    """Base of all errors raised on purpose; `exit_code` is a key of `EXIT_CODES`."""

    exit_code: ClassVar[int] = 70


class InvalidInput(CartlogixError):
    """The input cannot be used; `findings` holds every problem at once, sorted by place."""

    exit_code = 2

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(sorted(findings))
        super().__init__(self.findings)

    def __str__(self) -> str:
        """Return one line per finding."""
        return "\n".join(str(finding) for finding in self.findings)


class PartialFailure(CartlogixError):
    """Some scenarios or replications failed; the results of the others are kept."""

    exit_code = 3


class Infeasible(CartlogixError):
    """No schedule meets the requirements."""

    exit_code = 4


class OutOfResources(CartlogixError):
    """Memory ran out, a worker process was killed, or a cluster is gone or unfit."""

    exit_code = 71


class OutputRefused(CartlogixError):
    """The output folder exists already or is in use by another run."""

    exit_code = 73


class WriteFailed(CartlogixError):
    """Results could not be written."""

    exit_code = 74
