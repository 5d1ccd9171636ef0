"""Checks a catalogue's text and gives the exercises it names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib import resources
from typing import Any

from emgmon.errors import CatalogueError
from emgmon.model import GROUP_TITLES, PLACES

SIGNALS = ("inclination", "emg", "none")
PROGRAMME_PHASES = ("assess", "inhibit", "lengthen", "activate", "integrate")
SEGMENTS = tuple(sorted({muscle.segment for muscle in PLACES.values()}))


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise, as its table in ``catalogue.toml`` says; the comments there explain the fields."""

    id: str
    title: str
    phase: str
    signal: str
    groups: tuple[str, ...]
    sdi: bool
    safety: str
    segments: tuple[str, ...] = ()
    min_range_deg: tuple[float, ...] = ()
    hold_target_s: tuple[float, float] | None = None
    reps_target: int | None = None
    min_cycle_s: float = 0.3
    max_cycle_s: float = 15.0

    def table(self) -> dict[str, Any]:
        """Return the exercise as JSON values, for a mark in a recording."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}


@cache
def packaged() -> Mapping[str, Exercise]:
    """Exercises that come with emgmon, by id."""
    return parse(resources.files("emgmon.exercise").joinpath("catalogue.toml").read_text("utf-8"), "catalogue.toml")


def parse(text: str, where: str) -> dict[str, Exercise]:
    """Read a catalogue.

    Parameters
    ----------
    text : str
        TOML, one table for each exercise.
    where : str
        Name of the file, for messages.

    Raises
    ------
    CatalogueError
        Naming exercise, key, value and what is allowed.
    """
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CatalogueError(f"{where}: not valid TOML: {error}") from error
    return {name: exercise_from(name, table, where) for name, table in tables.items()}


def exercise_from(name: str, table: Any, where: str) -> Exercise:
    """Read one exercise from its table; raises `CatalogueError` as `parse` does."""
    place = f"{where}: exercise {name!r}"
    if not isinstance(table, Mapping):
        raise CatalogueError(f"{place} is not a table")
    known = {field.name for field in fields(Exercise)} - {"id"}
    for key in table:
        if key not in known | {"id"}:
            raise CatalogueError(f"{place}: unknown key {key!r}; known are {', '.join(sorted(known))}")
    values: dict[str, Any] = {
        key: tuple(v) if isinstance(v, list) else v for key, v in table.items() if key != "id" and v is not None
    }
    try:
        exercise = Exercise(id=name, **values)
    except TypeError as error:
        raise CatalogueError(f"{place}: {str(error).replace('Exercise.__init__() ', '')}") from error
    _check(exercise, place)
    return exercise


def _check(exercise: Exercise, place: str) -> None:
    def need(condition: bool, key: str, allowed: str) -> None:
        if not condition:
            raise CatalogueError(f"{place}: {key} = {getattr(exercise, key)!r}; allowed is {allowed}")

    need(isinstance(exercise.title, str) and 0 < len(exercise.title) <= 80, "title", "a text of 1 to 80 letters")
    need(isinstance(exercise.safety, str), "safety", "a text")
    need(exercise.phase in PROGRAMME_PHASES, "phase", " or ".join(PROGRAMME_PHASES))
    need(exercise.signal in SIGNALS, "signal", " or ".join(SIGNALS))
    need(isinstance(exercise.sdi, bool), "sdi", "true or false")
    need(_all(exercise.groups, lambda g: g in GROUP_TITLES), "groups", "a list of " + ", ".join(GROUP_TITLES))
    need(_all(exercise.segments, lambda s: s in SEGMENTS), "segments", "a list of " + ", ".join(SEGMENTS))
    need(_all(exercise.min_range_deg, lambda d: _number(d, 1, 180)), "min_range_deg", "a list of 1 to 180")
    need(len(exercise.min_range_deg) == len(exercise.segments), "min_range_deg", "one number for each of segments")
    need(exercise.signal != "inclination" or bool(exercise.segments), "segments", "at least one for this signal")
    need(exercise.reps_target is None or _number(exercise.reps_target, 1, 1000), "reps_target", "1 to 1000")
    hold = exercise.hold_target_s
    need(
        hold is None or (_all(hold, lambda s: _number(s, 0, 3600)) and len(hold) == 2 and hold[0] <= hold[1]),
        "hold_target_s",
        "two times in s, the shorter first",
    )
    need(_number(exercise.min_cycle_s, 0.1, 60), "min_cycle_s", "0.1 to 60")
    need(_number(exercise.max_cycle_s, 0.1, 600), "max_cycle_s", "0.1 to 600")


def _number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _all(values: Any, good: Any) -> bool:
    return isinstance(values, tuple) and all(good(value) for value in values)
