"""Checks the programme's text and gives its stages and rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from emgmon.errors import CatalogueError
from emgmon.exercise.catalogue import PROGRAMME_PHASES, Exercise, packaged

NEEDS = ("count", "hold", "calm")


@dataclass(frozen=True, slots=True)
class Rule:
    """Met when `sessions` of the last `of` sessions of an exercise had a set with all of `needs`."""

    id: str
    exercise: str
    sessions: int
    of: int
    needs: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Stage:
    """Some exercises of one phase, open when all rules of `after` are met."""

    id: str
    phase: str
    title: str
    why: str
    exercises: tuple[str, ...]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Programme:
    """The whole programme; times in days."""

    stages: tuple[Stage, ...]
    rules: Mapping[str, Rule]
    safety: str
    reminders: tuple[str, ...]
    rest_days: int
    rest_reason: str
    screen: str
    screen_from_days: int
    screen_to_days: int
    screen_reason: str


@cache
def packaged_programme() -> Programme:
    """Return the programme that comes with emgmon."""
    name = "programme.toml"
    return parse_programme(resources.files("emgmon.exercise").joinpath(name).read_text("utf-8"), name, packaged())


def parse_programme(text: str, where: str, catalogue: Mapping[str, Exercise]) -> Programme:
    """Read a programme.

    Raises
    ------
    CatalogueError
        Naming what does not fit: not TOML, a key that is missing or unknown, an exercise, rule or phase that is not
        known, numbers that make no sense.
    """
    try:
        table = tomllib.loads(text)
        rules = [Rule(**(_tuples(each))) for each in table["rule"]]
        stages = tuple(Stage(**(_tuples(each))) for each in table["stage"])
        made = Programme(
            stages,
            {rule.id: rule for rule in rules},
            str(table["safety"]),
            tuple(map(str, table["reminders"])),
            int(table["rhythm"]["rest_days"]),
            str(table["rhythm"]["reason"]),
            str(table["screen"]["exercise"]),
            int(table["screen"]["from_days"]),
            int(table["screen"]["to_days"]),
            str(table["screen"]["reason"]),
        )
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CatalogueError(f"{where}: not valid TOML: {error}") from error
    except KeyError as error:
        raise CatalogueError(f"{where}: {error} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise CatalogueError(f"{where}: {error}") from error
    _check(made, where, catalogue)
    return made


def _tuples(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def _check(made: Programme, where: str, catalogue: Mapping[str, Exercise]) -> None:
    for stage in made.stages:
        wrong = [name for name in stage.exercises if name not in catalogue]
        missing = [name for name in stage.after if name not in made.rules]
        if wrong or missing or stage.phase not in PROGRAMME_PHASES:
            raise CatalogueError(f"{where}: stage {stage.id!r} names {[*wrong, *missing] or stage.phase!r}, not known")
    for rule in made.rules.values():
        if rule.exercise not in catalogue or not set(rule.needs) <= set(NEEDS):
            raise CatalogueError(f"{where}: rule {rule.id!r} names what is not known; needs are {', '.join(NEEDS)}")
        if not 1 <= rule.sessions <= rule.of <= 100:
            raise CatalogueError(
                f"{where}: rule {rule.id!r}: sessions = {rule.sessions} of {rule.of}; allowed is 1 to of"
            )
