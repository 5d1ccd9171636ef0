"""Reads the tasks of reference contractions: positions of maximal ones, and light tasks against gravity."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any

from emgmon.errors import CatalogueError
from emgmon.exercise.reference import MOST_TRIALS, TRIAL_KINDS
from emgmon.model import MUSCLES


@dataclass(frozen=True, slots=True)
class ReferenceTask:
    """One task, as its table in ``reference_tasks.toml`` says; the comments there explain the fields."""

    id: str
    kind: str
    title: str
    muscles: tuple[str, ...]
    instruction: str
    load: str
    hold_s: float
    trials: int
    rest_s: float
    safety: str
    source: str
    load_kg: tuple[float, float] | None = None
    one_side: bool = False


@cache
def packaged_tasks() -> Mapping[str, ReferenceTask]:
    """Tasks that come with emgmon, by id."""
    name = "reference_tasks.toml"
    return parse_tasks(resources.files("emgmon.exercise").joinpath(name).read_text("utf-8"), name)


def tasks_for(kind: str, muscle: str) -> tuple[ReferenceTask, ...]:
    """Tasks of one kind that give a level of this muscle, in the order of the table."""
    return tuple(task for task in packaged_tasks().values() if task.kind == kind and muscle in task.muscles)


def parse_tasks(text: str, where: str) -> dict[str, ReferenceTask]:
    """Read a table of tasks.

    Parameters
    ----------
    text : str
        TOML, one table for each task.
    where : str
        Name of the file, for messages.

    Raises
    ------
    CatalogueError
        Naming task, key, value and what is allowed.
    """
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of 4300 digits is a mere ValueError
        raise CatalogueError(f"{where}: not valid TOML: {error}") from error
    return {name: _task(name, table, where) for name, table in tables.items()}


def _task(name: str, table: Any, where: str) -> ReferenceTask:
    place = f"{where}: reference task {name!r}"
    if not isinstance(table, Mapping):
        raise CatalogueError(f"{place} is not a table")
    known = {field.name for field in fields(ReferenceTask)} - {"id"}
    for key in table:
        if key not in known:
            raise CatalogueError(f"{place}: unknown key {key!r}; known are {', '.join(sorted(known))}")
    values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in table.items()}
    try:
        task = ReferenceTask(id=name, **values)
    except TypeError as error:
        raise CatalogueError(f"{place}: {str(error).replace('ReferenceTask.__init__() ', '')}") from error
    _check(task, place)
    return task


def _check(task: ReferenceTask, place: str) -> None:
    def need(condition: bool, key: str, allowed: str) -> None:
        if not condition:
            raise CatalogueError(f"{place}: {key} = {getattr(task, key)!r}; allowed is {allowed}")

    need(task.kind in TRIAL_KINDS, "kind", " or ".join(TRIAL_KINDS))
    for key in ("title", "instruction", "load", "safety", "source"):
        need(isinstance(getattr(task, key), str) and bool(getattr(task, key).strip()), key, "a text")
    muscles = isinstance(task.muscles, tuple) and bool(task.muscles) and all(m in (*MUSCLES,) for m in task.muscles)
    need(muscles, "muscles", "a list of " + ", ".join(MUSCLES))
    need(_number(task.hold_s, 1.0, 30.0), "hold_s", "1 to 30")
    need(_number(task.rest_s, 0.0, 600.0), "rest_s", "0 to 600")
    need(isinstance(task.trials, int) and _number(task.trials, 1, MOST_TRIALS), "trials", f"1 to {MOST_TRIALS}")
    need(isinstance(task.one_side, bool), "one_side", "true or false")
    load = task.load_kg
    both = isinstance(load, tuple) and len(load) == 2 and all(_number(kg, 0.0, 50.0) for kg in load)
    need(load is None or (both and load[0] <= load[1]), "load_kg", "two weights in kg, the smaller first")


def _number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
