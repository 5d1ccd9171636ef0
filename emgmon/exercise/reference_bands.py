"""Reads the table of published groups: what is usual in an exercise, how wide it spreads, how well that is known."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from emgmon.errors import CatalogueError

GRADES = ("A", "B", "C")
USABLE = ("A", "B")
"""Grades that may be held against a person."""

PHASES = ("con", "hold", "ecc", "act")
MUSCLES = ("G", "D", "H", "E")
INDICES = ("sdi", "log_ratio_h", "log_ratio_e")


class Group(NamedTuple):
    """A muscle in a group of people: mean activation in % of the maximal contraction, and coefficient of variation."""

    mean_percent: float
    variation: float


class Spread(NamedTuple):
    """Mean and standard deviation of an index between people, ln."""

    mean: float
    spread: float

    def range(self, times: float = 1.0) -> tuple[float, float]:
        """Return the ends of the band as factors: of the middle 68 % of people, or 95 % at 2 `times`."""
        return math.exp(self.mean - times * self.spread), math.exp(self.mean + times * self.spread)


@dataclass(frozen=True, slots=True)
class Band:
    """One row of ``reference.toml``; the comments there explain the fields."""

    id: str
    exercises: tuple[str, ...]
    phase: str
    family: str
    muscles: Mapping[str, Group]
    indices: Mapping[str, Spread]
    grade: str
    n: int
    source: str
    evidence: str
    one_leg: bool = False
    knee_deg: float = math.nan

    @property
    def usable(self) -> bool:
        """Whether a person may be held against it: the index is scored, and no muscle of it was guessed."""
        return self.grade in USABLE and "sdi" in self.indices


@cache
def packaged_bands() -> tuple[Band, ...]:
    """Bands that come with emgmon."""
    return parse_bands(
        resources.files("emgmon.exercise").joinpath("reference.toml").read_text("utf-8"), "reference.toml"
    )


def bands_of(exercise: str) -> tuple[Band, ...]:
    """Bands of one exercise of the catalogue, one for each phase that has one."""
    return tuple(band for band in packaged_bands() if exercise in band.exercises)


def parse_bands(text: str, where: str) -> tuple[Band, ...]:
    """Read a table of bands.

    Parameters
    ----------
    text : str
        TOML with an array of tables ``band``.
    where : str
        Name of the file, for messages.

    Raises
    ------
    CatalogueError
        Naming the row, the key and what is allowed.
    """
    try:
        rows = tomllib.loads(text).get("band", [])
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{where}: not valid TOML: {error}") from error
    return tuple(_band(row, f"{where}: band {number} ({row.get('id', 'no id')})") for number, row in enumerate(rows, 1))


def _band(row: Mapping[str, Any], place: str) -> Band:
    needed = ("id", "exercises", "phase", "family", *MUSCLES, "grade", "n", "source", "evidence")
    known = {*needed, *INDICES, "one_leg", "knee_deg"}
    for key in (*row, *needed):
        if key not in known:
            raise CatalogueError(f"{place}: unknown key {key!r}; known are {', '.join(sorted(known))}")
        if key not in row:
            raise CatalogueError(f"{place}: {key!r} is missing")
    if row["phase"] not in PHASES or row["grade"] not in GRADES:
        raise CatalogueError(f"{place}: phase is one of {', '.join(PHASES)}, grade one of {', '.join(GRADES)}")
    return Band(
        id=row["id"],
        exercises=tuple(row["exercises"]),
        phase=row["phase"],
        family=row["family"],
        muscles={name: Group(*_pair(row, name, place)) for name in MUSCLES},
        indices={name: Spread(*_pair(row, name, place, signed=True)) for name in INDICES if name in row},
        grade=row["grade"],
        n=row["n"],
        source=row["source"],
        evidence=row["evidence"],
        one_leg=bool(row.get("one_leg", False)),
        knee_deg=float(row.get("knee_deg", math.nan)),
    )


def _pair(row: Mapping[str, Any], key: str, place: str, *, signed: bool = False) -> tuple[float, float]:
    """Read a mean and a spread, the spread above 0, the mean too unless it is `signed`."""
    pair = row[key]
    good = isinstance(pair, list) and len(pair) == 2 and all(isinstance(item, int | float) for item in pair)
    if not good or pair[1] <= 0 or (pair[0] <= 0 and not signed):
        raise CatalogueError(f"{place}: {key} = {pair!r}; allowed is a mean and a spread above 0")
    return float(pair[0]), float(pair[1])
