"""Checks the programme's text and gives its stages and rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from emgmon.errors import CatalogueError
from emgmon.exercise.catalogue import PROGRAMME_PHASES, Exercise, packaged

NEEDS = ("count", "hold", "calm")
TEXTS = "tuple[str, ...]"
KINDS = {"str": "text", "int": "whole number", TEXTS: "list of texts"}


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


Row = TypeVar("Row", Rule, Stage)


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
        rules = [_typed(Rule(**_tuples(each))) for each in table["rule"]]
        stages = tuple(_typed(Stage(**_tuples(each))) for each in table["stage"])
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
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise CatalogueError(f"{where}: {error}") from error
    _check(made, where, catalogue)
    return made


def _tuples(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def _typed(made: Row) -> Row:
    """Return a rule or stage whose values are of the types that it declares; `TypeError` names one that is not."""
    for field in fields(made):
        value, kind = getattr(made, field.name), str(field.type)
        if not _fits(value, kind):
            raise TypeError(f"{type(made).__name__.lower()} {made.id!r}: {field.name} = {value!r} is no {KINDS[kind]}")
    return made


def _fits(value: object, kind: str) -> bool:
    if kind == TEXTS:
        return isinstance(value, tuple) and all(isinstance(part, str) for part in value)
    return type(value) is {"str": str, "int": int}[kind]


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
