"""What one repetition gives: its times, its numbers, and the references they rest on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from emgmon.model.places import Placement


class Phase(StrEnum):
    """Part of a repetition."""

    REST = "rest"
    CON = "con"
    HOLD = "hold"
    ECC = "ecc"


PHASE_TITLES = {
    Phase.CON: "lift",
    Phase.HOLD: "hold",
    Phase.ECC: "lower",
    Phase.REST: "rest",
    "act": "whole rep",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """The level that means 100 % for one channel.

    Attributes
    ----------
    placement : Placement
    kind : str
        ``T1`` maximal voluntary isometric contraction, ``T2`` submaximal gravity-load reference, ``T4`` none.
    level : float
        Largest noise-subtracted RMS over 500 ms, in `unit`.
    unit : str
    position : str
        Task in which it was reached, as in ``reference_tasks.toml``; empty when nobody said.
    trials : int
        Contractions among which it is the best.
    load_kg : float
        Weight that was held; NaN when none was named.
    origin : str
        ``trial`` of this recording, ``raised`` to what a task reached, or ``earlier``: brought from another recording.
    cut_off : bool
        The signal was cut off in the contraction: the level is too low, and fractions of it are only upper bounds.
    """

    placement: Placement
    kind: str
    level: float
    unit: str
    position: str = ""
    trials: int = 1
    load_kg: float = math.nan
    origin: str = "trial"
    cut_off: bool = False


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A maximal reference that a set went beyond, so that it was not maximal.

    Attributes
    ----------
    placement : Placement
    level : float
        Best half second that at least two repetitions reached, in `unit`: what the reference may be raised to.
    reference : float
        Level of the reference, in `unit`.
    unit : str
    reps : tuple of int
        Repetitions whose best half second lies above 110 % of the reference.
    """

    placement: Placement
    level: float
    reference: float
    unit: str
    reps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition on the session clock: start, top reached, top left, end.

    Attributes
    ----------
    index : int
        Number in the set, from 1.
    start_s, top_s, release_s, end_s : float
        The way out (lift of a bridge, lowering of a squat) from `start_s` to `top_s`, the way back from `release_s`.
    first : str
        Phase of the way out: ``con``, or ``ecc`` where the muscle lengthens first.
    side : str
        Side that moved, where the exercise is done one side at a time; else empty.
    source : str
        Where it was seen: ``""`` a sensor of motion, ``emg`` the muscles' own bursts, which is less sure.
    """

    index: int
    start_s: float
    top_s: float
    release_s: float
    end_s: float
    first: str = "con"
    side: str = ""
    source: str = ""

    def bounds_s(self, phase: str) -> tuple[float, float]:
        """Start and end of ``con``, ``hold``, ``ecc`` or ``act`` (the whole active part)."""
        return {
            self.first: (self.start_s, self.top_s),
            "hold": (self.top_s, self.release_s),
            "ecc" if self.first == "con" else "con": (self.release_s, self.end_s),
            "act": (self.start_s, self.end_s),
        }[phase]


@dataclass(frozen=True, slots=True)
class Value:
    """One number of one rep.

    Attributes
    ----------
    metric : str
        Name in `emgmon.metrics.METRICS`.
    phase : str
        ``con``, ``hold``, ``ecc``, ``act``, or ``""`` where it makes no sense.
    where : str
        A placement (``gluteus_maximus/left``), a side (``left``) or ``both``.
    value : float
        NaN when it could not be computed; `flag` then says why.
    unit : str
        ``1`` for a share, ``ln`` for a log-ratio, ``s``, ``deg``, ``ref`` for a fraction of the reference, ``uv``.
    flag : str
        Empty, ``<=`` or ``>=`` when the true value is at most or at least this (a muscle below its limit of detection,
        a signal that was cut off), ``~`` when it may be either, or the reason of a missing value.
    """

    metric: str
    phase: str
    where: str
    value: float
    unit: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """Envelope of one channel over one rep: centred 125 ms RMS each 20 ms from `start_s`, unit as in `Frame.level`.

    A session keeps those of all its reps: `level` is an `array.array` there, of single precision once the set is over.
    """

    placement: Placement
    start_s: float
    period_s: float
    level: Sequence[float]


@dataclass(frozen=True, slots=True)
class SignOfRep:
    """A compensation in one rep: `value` in `unit` (NaN where it could not be measured) and `level`.

    ``level`` is ``none``, ``amber``, ``red`` or ``not measured``.
    """

    name: str
    value: float
    unit: str
    level: str


@dataclass(frozen=True, slots=True)
class SignOfSet:
    """A compensation over the reps of a set.

    Attributes
    ----------
    name, title, unit : str
    level : str
        ``none``, ``amber`` or ``red`` when at least three of five reps show it, ``not measured`` otherwise.
    median : float
        Over the reps that were measured, in `unit`; NaN without any.
    measured, amber, red : int
        Reps.
    needs : str
        Which sensors it takes, when it was not measured.
    """

    name: str
    title: str
    unit: str
    level: str
    median: float
    measured: int
    amber: int
    red: int
    needs: str = ""


@dataclass(frozen=True, slots=True)
class RepSummary:
    """A finished rep: its times, its numbers and its curves.

    ``valid`` is false when too much of it was lost; ``target`` is ``met``, ``missed`` or ``unknown`` (against the
    person's own first set of the exercise, in it against its first reps, with the dead band). ``invalid`` names the
    muscles of whose active time more than 10 % was lost or masked.
    ``hold`` is ``short``, ``met`` or ``long`` against the exercise's target, empty without one.
    ``signs`` are the compensations that the exercise scores.
    """

    rep: Rep
    values: Sequence[Value]
    curves: tuple[Curve, ...]
    valid: bool
    target: str
    invalid: tuple[Placement, ...] = ()
    hold: str = ""
    signs: tuple[SignOfRep, ...] = ()

    @property
    def index(self) -> int:
        """Number of the rep in its set, from 1."""
        return self.rep.index

    def value(self, metric: str, phase: str = "act", where: str = "both") -> float:
        """Return one number; NaN when it is not there."""
        for item in self.values:
            if item.metric == metric and item.phase == phase and item.where == where:
                return item.value
        return float("nan")
