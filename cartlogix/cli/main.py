"""The command line: one command a module, imported when it is called."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType

import typer

from cartlogix.cli.commands import register
from cartlogix.cli.console import note
from cartlogix.ground.errors import EXIT_CODES, CartlogixError

DEBUG = "CARTLOGIX_DEBUG"

_EPILOG = "Exit codes: " + "; ".join(f"{code} {text}" for code, text in EXIT_CODES.items()) + "."

app = typer.Typer(
    name="cartlogix",
    help="Compare ways to supply CAR-T: autologous, off-the-shelf and in vivo.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich takes longer to load than all the rest of --help
)
register(app)


class Terminated(BaseException):
    """SIGTERM was received."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with one of :data:`EXIT_CODES`."""
    signal.signal(signal.SIGTERM, _terminate)
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout.fileno())
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = app(args=arguments, standalone_mode=True)
    except CartlogixError as error:
        note(str(error))
        return error.exit_code
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        _silence(sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        note("interrupted; finished scenarios are kept: run again with --resume")
        return 130
    except Terminated:
        note("terminated; finished scenarios are kept: run again with --resume")
        return 143
    except MemoryError:
        note("out of memory: lower run.replications or --jobs")
        return 71
    except Exception as error:
        note(f"internal error: {type(error).__name__}: {error}")
        note(traceback.format_exc() if os.environ.get(DEBUG) else f"set {DEBUG}=1 to see where")
        return 70
    return code if isinstance(code, int) else 0


def _terminate(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise Terminated


def _silence(descriptor: int) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
