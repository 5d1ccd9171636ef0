"""An amplitude with what limits it, how such limits add up, and what many metrics share being computed once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

LOD_NOISE = 1.5
"""Limit of detection as a multiple of the relaxed channel's noise."""

MAX_LOST = 0.10
"""A phase of which more than this is lost gives no number for that muscle."""

LOST = "signal lost"

BOUNDS = frozenset({"<=", ">=", "~"})
"""Flags of values that are only bounds: at most, at least, either."""

INVERSE = {"<=": ">=", ">=": "<="}


def joined(*flags: str) -> str:
    """Flag of a sum or a mean of values with these flags: ``~`` when they point to both sides."""
    found = BOUNDS.intersection(flags)
    return "" if not found else "~" if len(found) > 1 else next(iter(found))


def ratio_flag(above: str, below: str) -> str:
    """Flag of a quotient, or of its logarithm: a divisor that is too large makes it too small."""
    return joined(above, INVERSE.get(below, below))


class Level(NamedTuple):
    """Amplitude of one muscle in one phase; ``flag`` as in `emgmon.model.Value`."""

    value: float
    flag: str = ""


class Keeps(Protocol):
    """Whatever has a place for what `once` keeps."""

    @property
    def kept(self) -> dict[tuple[Any, ...], Any]:
        """What was computed, by function and arguments."""


K = TypeVar("K", bound=Keeps)
P = ParamSpec("P")
T = TypeVar("T")


def once(compute: Callable[Concatenate[K, P], T]) -> Callable[Concatenate[K, P], T]:
    """Let a function of a rep's signals, or of a channel's, be computed once for each of its other arguments."""

    @wraps(compute)
    def kept(owner: K, /, *where: P.args, **named: P.kwargs) -> T:
        key = (compute, *where, *named.items())
        if key not in owner.kept:
            owner.kept[key] = compute(owner, *where, **named)
        found: T = owner.kept[key]
        return found

    return kept
