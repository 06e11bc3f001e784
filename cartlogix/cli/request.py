"""The options of commands that simulate studies, each declared once."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, get_type_hints

from cartlogix.cli import options


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the user asked for, besides the files; each field is an option of the commands."""

    set_: options.Set = None
    root: options.Root = None
    out: options.Out = None
    jobs: options.Jobs = None
    cluster: options.Cluster = None
    replications: options.Replications = None
    seed: options.Seed = None
    force: options.Force = False
    resume: options.Resume = True
    fail_fast: options.FailFast = False
    dry_run: options.DryRun = False
    json: options.Json = False

    @property
    def overrides(self) -> list[str]:
        """What `--set` gives, and the values that have an option of their own."""
        short = {"run.replications": self.replications, "run.seed": self.seed}
        extra = [f"{path}={value}" for path, value in short.items() if value is not None]
        return [*(self.set_ or []), *extra]


def _begin_workers(request: Request) -> None:
    """Let workers load their modules while this process loads its own."""
    if request.dry_run or request.cluster or options.processes(request.jobs) == 1:
        return
    from cartlogix.experiment.server import COMPUTING, begin

    begin(COMPUTING)


def takes_request(
    *, without: Collection[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of a request, which it receives as `request`.

    Args:
        without: fields of :class:`Request` that the command leaves out.
    """

    def spread(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(Request, include_extras=True)
        shared = [
            inspect.Parameter(
                one.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=one.default,
                annotation=hints[one.name],
            )
            for one in dataclasses.fields(Request)
            if one.name not in without
        ]
        own = [
            one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for one in inspect.signature(command, eval_str=True).parameters.values()
            if one.name != "request"
        ]

        def called(**given: Any) -> None:  # noqa: ANN401 - the command's own options
            request = Request(**{one.name: given.pop(one.name) for one in shared})
            _begin_workers(request)
            command(request=request, **given)

        called.__name__, called.__doc__ = command.__name__, command.__doc__
        parameters = [*own, *shared]
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {one.name: one.annotation for one in parameters}
        return called

    return spread
