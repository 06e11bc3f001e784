"""The command line: one command a module, imported when it is called."""

from __future__ import annotations

import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

import typer

from cartlogix.cli.commands import register
from cartlogix.cli.console import finish_output, note
from cartlogix.ground.errors import EXIT_CODES, CartlogixError, OutOfResources

DEBUG = "CARTLOGIX_DEBUG"

_EPILOG = "Exit codes: " + "; ".join(f"{code} {text}" for code, text in EXIT_CODES.items()) + "."

app = typer.Typer(
    name="cartlogix",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich takes longer to load than all the rest of --help
)
register(app)


class Stopped(BaseException):
    """Ctrl-C or SIGTERM was received; `number` is that of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with one of :data:`EXIT_CODES`."""
    _received.clear()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal cannot show is not worth a failure.
        sys.stdout.reconfigure(errors="backslashreplace")
    code = _run(arguments)
    try:
        finish_output()
    except CartlogixError as error:
        note(str(error))
        code = code or error.exit_code
    if code == OutOfResources.exit_code or _received:
        # Without memory, or where a signal cut into the work with other processes, the interpreter
        # may fail to shut down in order.
        from cartlogix.experiment.server import clear

        with suppress(MemoryError):
            clear()
        os._exit(code)
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = app(args=arguments, standalone_mode=True)
    except CartlogixError as error:
        note(str(error))
        return error.exit_code
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except Stopped as stop:
        return _stopped(stop.number, stop)
    except (MemoryError, SystemError):  # Python loses a MemoryError that it cannot allocate
        note("out of memory: lower run.replications or --jobs")
        return OutOfResources.exit_code
    except Exception as error:
        if _received:  # a library that was called back made its own error of the signal
            return _stopped(_received[0], error)
        note(f"internal error: {type(error).__name__}: {error}")
        note(traceback.format_exc() if os.environ.get(DEBUG) else f"set {DEBUG}=1 to see where")
        return 70
    return code if isinstance(code, int) else 0


_received: list[int] = []
"""The signal that ends this process, once there is one."""


def _stopped(number: int, stop: BaseException) -> int:
    """Say that a signal ended the command, and what a run noted as kept."""
    word = "interrupted" if number == signal.SIGINT else "terminated"
    note("; ".join([word, *getattr(stop, "__notes__", [])]))
    return 128 + number


def _stop(number: int, frame: FrameType | None) -> None:
    del frame
    for further in (signal.SIGINT, signal.SIGTERM):
        signal.signal(further, signal.SIG_IGN)  # what is stopping needs no second word
    if not _received:
        _received.append(number)
        sys.unraisablehook = _stop_again
    raise Stopped(_received[0])


def _stop_again(swallowed: sys.UnraisableHookArgs) -> None:
    """Ask again a moment later where the signal came in a destructor, which swallows errors."""
    if not isinstance(swallowed.exc_value, Stopped):
        sys.__unraisablehook__(swallowed)
        return
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
