"""A study: every scenario that is run, at every point of its design, and what is compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cartlogix.experiment.break_even import BreakEven
from cartlogix.experiment.experiment import Experiment, StudyScenario
from cartlogix.experiment.factors import Factor, Point, level_text, point_text, points
from cartlogix.experiment.precision import Precision
from cartlogix.experiment.selection import Select
from cartlogix.experiment.variants import Variants
from cartlogix.ground.errors import Finding
from cartlogix.scenario.compose import Composed
from cartlogix.scenario.loader import Loaded
from cartlogix.scenario.model import Scenario


@dataclass(frozen=True)
class Arm:
    """One scenario of a study, and how its values came about."""

    scenario: Scenario
    composed: Composed
    warnings: tuple[Finding, ...]
    base: str = ""
    """Scenario of the experiment file that it varies."""
    levels: Point = field(default_factory=dict)
    """Level of each factor that is varied in it."""

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.scenario.name

    def repeated(self, replications: int) -> Arm:
        """Return the same arm with so many replications."""
        return replace(self, scenario=self.scenario.repeated(replications))


@dataclass(frozen=True)
class Study:
    """The scenarios to run, the first of which is the baseline."""

    name: str
    title: str
    question: str
    arms: tuple[Arm, ...]
    factors: tuple[Factor, ...] = ()
    """What is varied; nothing in a plain comparison."""
    pairs: tuple[tuple[str, str], ...] | None = None
    """Scenarios to compare, a baseline and another one; every two if left out."""
    precision: Precision | None = None
    """How narrow intervals must be, if that decides on the number of replications."""
    select: Select | None = None
    """Which scenario is the best, if a race decides on the number of replications."""
    break_even: tuple[BreakEven, ...] = ()
    """Where two scenarios change places: what is asked."""
    variants: Mapping[str, Variants] = field(default_factory=dict)
    """The scenarios of an experiment file, to be had with other values."""
    experiment: Experiment | None = None
    """The file, if it is one of an experiment."""

    @property
    def labels(self) -> dict[str, str]:
        """Label of each scenario by name."""
        return {arm.name: arm.scenario.label for arm in self.arms}

    @property
    def rule(self) -> Precision | Select | None:
        """What decides on the number of replications while the study runs, if anything does."""
        return self.precision or self.select

    def with_replications(self, replications: int) -> Study:
        """Return the same study with so many replications of each scenario."""
        return replace(self, arms=tuple(arm.repeated(replications) for arm in self.arms))

    def with_each(self, replications: Mapping[str, int]) -> Study:
        """Return the same study with a number of replications for each scenario."""
        return replace(self, arms=tuple(arm.repeated(replications[arm.name]) for arm in self.arms))

    def levels(self) -> list[tuple[str, str, str, str]]:
        """Return name, scenario of the file, factor and level, for each factor of each run."""
        return [
            (arm.name, arm.base, factor, level_text(level))
            for arm in self.arms
            for factor, level in arm.levels.items()
        ]


def arm_of(loaded: Loaded) -> Arm:
    """Return the arm of a scenario file."""
    return Arm(loaded.scenario, loaded.composed, loaded.warnings)


def told_apart(arms: Sequence[Arm], own: Sequence[bool]) -> list[Arm]:
    """Label scenarios by their name where one title would label several of them.

    Args:
        arms: the arms.
        own: for each, whether its title was given to it; another one has it from a shared file.
    """
    labels = [arm.scenario.label for arm in arms]
    owners = Counter(label for label, mine in zip(labels, own, strict=True) if mine)
    return [
        arm
        if labels.count(label) == 1 or (mine and owners[label] == 1)
        else replace(arm, scenario=arm.scenario.model_copy(update={"title": None}))
        for arm, label, mine in zip(arms, labels, own, strict=True)
    ]


def study_of(experiment: Experiment, loaded: Mapping[int, list[tuple[Point, Loaded]]]) -> Study:
    """Put together the runs of an experiment from its scenarios, loaded at every point."""
    items = [experiment.scenarios[index] for index in loaded]
    plain = [
        _renamed(arm_of(of_one[0][1]), item)
        for item, of_one in zip(items, loaded.values(), strict=True)
    ]
    apart = told_apart(plain, [item.title is not None for item in items])
    labels = {arm.name: arm.scenario.label for arm in apart}
    arms = [
        _varied(arm_of(found), item, labels[item.name], levels, experiment.factors)
        for item, of_one in zip(items, loaded.values(), strict=True)
        for levels, found in of_one
    ]
    chosen = [name for name in experiment.baselines if name in labels] or [items[0].name]
    arms.sort(key=lambda arm: arm.base != chosen[0])
    title = experiment.title or experiment.name
    pairs = _pairs(arms, chosen) if experiment.factors or len(chosen) > 1 else None
    return Study(
        experiment.name,
        title,
        experiment.question or "",
        tuple(arms),
        experiment.factors,
        pairs,
        experiment.replications if isinstance(experiment.replications, Precision) else None,
        experiment.select if len(arms) > 1 else None,
    )


def levels_of(experiment: Experiment, item: StudyScenario) -> list[Point]:
    """Return the points of one scenario, without the factors that are not varied in it."""
    mine = {f.name for f in experiment.factors if not f.scenarios or item.name in f.scenarios}
    found: dict[str, Point] = {}
    for point in points(experiment.factors, experiment.design):
        own = {name: level for name, level in point.items() if name in mine}
        found.setdefault(point_text(own), own)
    return list(found.values())


def _varied(
    arm: Arm, item: StudyScenario, label: str, levels: Point, factors: Sequence[Factor]
) -> Arm:
    """Name one run of a scenario after its levels."""
    titles = {factor.name: factor.label for factor in factors}
    name = f"{item.name} ({point_text(levels)})" if levels else item.name
    shown = "; ".join(f"{titles[key]} {level_text(level)}" for key, level in levels.items())
    changes: dict[str, str | None] = {"name": name}
    changes["title"] = f"{label} ({shown})" if levels else label
    if item.description or (item.title and item.set):
        changes["description"] = item.description
    scenario = arm.scenario.model_copy(update=changes)
    return replace(arm, scenario=scenario, base=item.name, levels=levels)


def _pairs(arms: Sequence[Arm], baselines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pair each run with every baseline at the same levels, or with the first run of its own."""
    pairs: dict[tuple[str, str], None] = {}
    for arm in arms:
        first = next(one for one in arms if one.base == arm.base)
        if arm is not first:
            pairs[first.name, arm.name] = None
        for baseline in baselines:
            for other in arms:
                shared = other.levels.keys() & arm.levels.keys()
                alike = all(other.levels[key] == arm.levels[key] for key in shared)
                if other.base == baseline != arm.base and alike:
                    pairs[other.name, arm.name] = None
    return tuple(pairs)


def _renamed(arm: Arm, item: StudyScenario) -> Arm:
    changes: Mapping[str, object] = {"name": item.name, "title": item.title or arm.scenario.title}
    return replace(arm, scenario=arm.scenario.model_copy(update=dict(changes)))
