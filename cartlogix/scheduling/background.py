"""Runs a solver in a second thread, so that the first may hear that somebody wants to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

POLL = 0.05
"""Seconds between two looks at whether to stop."""


def run(
    work: Callable[[], Answer], stopped: Callable[[], bool], stop: Callable[[], None] | None
) -> Answer | None:
    """What `work` answers; None where it was given up.

    Args:
        work: The solver; what it raises is raised here.
        stopped: Asked now and then.
        stop: Makes the solver end, whose answer is then waited for. Without it, a solver that
            should stop is left alone with its thread, which ends with the program at the latest.
    """
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            answers.append(work())
        except BaseException as error:  # raised again in the other thread
            errors.append(error)

    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(POLL)
            if thread.is_alive() and stopped():
                if stop is None:
                    return None
                stop()
    except BaseException:
        if stop is not None:
            stop()
        raise
    if errors:
        raise errors[0]
    return answers[0]
