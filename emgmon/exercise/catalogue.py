"""Checks a catalogue's text and gives the exercises it names."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from importlib import resources
from typing import Any

from emgmon.errors import CatalogueError
from emgmon.exercise.signs import SIGNS
from emgmon.model import GROUP_TITLES, PLACES

SIGNALS = ("inclination", "steps", "stillness", "timer", "emg", "none")
MOVED = ("inclination", "steps")
"""Signals of which a rep is a movement out and back."""
HELD = ("stillness", "timer")
"""Signals of which a rep is a stretch of time without a movement."""
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
    also: str = ""
    pose: str = ""
    movers: tuple[str, ...] = ()
    sides: str = "both"
    max_range_deg: tuple[float, ...] = ()
    first: str = "con"
    reps_from: int | None = None
    sets: int = 1
    load: bool = False
    watch: tuple[str, ...] = ()
    signs: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    look_for: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    how: str = ""
    source: str = ""

    def table(self) -> dict[str, Any]:
        """Return the exercise as JSON values, for a mark in a recording."""
        values = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        return values | {"signs": {name: list(limits) for name, limits in self.signs.items()}}

    @property
    def moved(self) -> bool:
        """Whether a rep is a movement of a segment, out and back."""
        return self.signal in MOVED

    @property
    def held(self) -> bool:
        """Whether a rep is one hold, by stillness or by the clock."""
        return self.signal in HELD

    def largest_deg(self, segment: str) -> float:
        """Largest excursion of a segment that is a rep."""
        return self.max_range_deg[self.segments.index(segment)] if self.max_range_deg else 180.0


@cache
def packaged() -> Mapping[str, Exercise]:
    """Exercises that come with emgmon, by id."""
    return parse(resources.files("emgmon.exercise").joinpath("catalogue.toml").read_text("utf-8"), "catalogue.toml")


def with_own(text: str, where: str) -> Mapping[str, Exercise]:
    """Return the packaged exercises and those of a person's own catalogue, which may replace packaged ones.

    Raises
    ------
    CatalogueError
        As `parse` does.
    """
    return {**packaged(), **parse(text, where)}


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
    except (ValueError, RecursionError) as error:  # a number of 4300 digits is a mere ValueError
        raise CatalogueError(f"{where}: not valid TOML: {error}") from error
    return {name: exercise_from(name, table, where) for name, table in tables.items()}


def exercise_from(name: str, table: Any, where: str) -> Exercise:
    """Read one exercise from its table; raises `CatalogueError` as `parse` does."""
    place = f"{where}: exercise {name!r}"
    if not isinstance(table, Mapping):
        raise CatalogueError(f"{place} is not a table")
    known = {item.name for item in fields(Exercise)} - {"id"}
    for key in table:
        if key not in known | {"id"}:
            raise CatalogueError(f"{place}: unknown key {key!r}; known are {', '.join(sorted(known))}")
    values: dict[str, Any] = {
        key: tuple(v) if isinstance(v, list) else v for key, v in table.items() if key != "id" and v is not None
    }
    if isinstance(values.get("signs"), Mapping):
        values["signs"] = {sign: tuple(v) if isinstance(v, list) else v for sign, v in sorted(values["signs"].items())}
    try:
        exercise = Exercise(id=name, **values)
    except TypeError as error:
        raise CatalogueError(f"{place}: {str(error).replace('Exercise.__init__() ', '')}") from error
    for key, allowed, good in _RULES:
        if not good(exercise):
            raise CatalogueError(f"{place}: {key} = {getattr(exercise, key)!r}; allowed is {allowed}")
    return exercise


def _number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _count(value: Any) -> bool:
    return isinstance(value, int) and _number(value, 1, 1000)


def _all(values: Any, good: Callable[[Any], bool]) -> bool:
    return isinstance(values, tuple) and all(good(value) for value in values)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _among(key: str, allowed: Sequence[str], *, empty: bool = False) -> tuple[str, str, Callable[[Exercise], bool]]:
    choices = (*allowed, "") if empty else tuple(allowed)
    return key, " or ".join(allowed), lambda exercise: getattr(exercise, key) in choices


def _list(key: str, allowed: str, good: Callable[[Any], bool]) -> tuple[str, str, Callable[[Exercise], bool]]:
    return key, f"a list of {allowed}", lambda exercise: _all(getattr(exercise, key), good)


def _pair(value: Any, high: float) -> bool:
    return _all(value, lambda item: _number(item, 0, high)) and len(value) == 2 and value[0] <= value[1]


_RULES: tuple[tuple[str, str, Callable[[Exercise], bool]], ...] = (
    ("title", "a text of 1 to 80 letters", lambda e: _text(e.title) and 0 < len(e.title) <= 80),
    *((key, "a text", lambda e, key=key: _text(getattr(e, key))) for key in ("safety", "pose", "how", "source")),
    _among("phase", PROGRAMME_PHASES),
    _among("also", PROGRAMME_PHASES, empty=True),
    _among("signal", SIGNALS),
    _among("sides", ("both", "each")),
    _among("first", ("con", "ecc")),
    *((key, "true or false", lambda e, key=key: isinstance(getattr(e, key), bool)) for key in ("sdi", "load")),
    *(_list(key, ", ".join(GROUP_TITLES), lambda group: group in tuple(GROUP_TITLES)) for key in ("groups", "watch")),
    *(_list(key, "texts", _text) for key in ("movers", "look_for", "asks")),
    _list("segments", ", ".join(SEGMENTS), lambda segment: segment in SEGMENTS),
    *(_list(key, "1 to 180", lambda deg: _number(deg, 1, 180)) for key in ("min_range_deg", "max_range_deg")),
    ("min_range_deg", "one number for each of segments", lambda e: len(e.min_range_deg) == len(e.segments)),
    (
        "max_range_deg",
        "one number for each of segments, above min_range_deg",
        lambda e: (
            not e.max_range_deg
            or (
                len(e.max_range_deg) == len(e.segments)
                and all(low < high for low, high in zip(e.min_range_deg, e.max_range_deg, strict=True))
            )
        ),
    ),
    (
        "segments",
        "at least one for this signal",
        lambda e: e.signal not in {"inclination", "steps", "stillness"} or bool(e.segments),
    ),
    ("reps_target", "1 to 1000", lambda e: e.reps_target is None or _count(e.reps_target)),
    (
        "reps_from",
        "1 to reps_target",
        lambda e: e.reps_from is None or (_count(e.reps_from) and e.reps_from <= (e.reps_target or 0)),
    ),
    ("sets", "1 to 1000", lambda e: _count(e.sets)),
    (
        "hold_target_s",
        "two times in s, the shorter first",
        lambda e: e.hold_target_s is None or _pair(e.hold_target_s, 3600),
    ),
    ("min_cycle_s", "0.1 to 60", lambda e: _number(e.min_cycle_s, 0.1, 60)),
    ("max_cycle_s", "0.1 to 600", lambda e: _number(e.max_cycle_s, 0.1, 600)),
    (
        "signs",
        "limits of amber and red, the smaller first, for any of " + ", ".join(SIGNS),
        lambda e: isinstance(e.signs, Mapping) and all(s in SIGNS and _pair(v, 1e4) for s, v in e.signs.items()),
    ),
)
"""What each key may hold; the first that fails is named."""
