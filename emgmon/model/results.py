"""What a session gives: references, reps with their numbers, sets, coverage."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

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
    """Envelope of one channel over one rep: centred 125 ms RMS each 20 ms from `start_s`, unit as in `Frame.level`."""

    placement: Placement
    start_s: float
    period_s: float
    level: tuple[float, ...]


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
    person's own first reps, with the dead band). ``invalid`` names the muscles of whose active time more than 10 % was
    lost or masked. ``hold`` is ``short``, ``met`` or ``long`` against the exercise's target, empty without one.
    ``signs`` are the compensations that the exercise scores.
    """

    rep: Rep
    values: tuple[Value, ...]
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
            if (item.metric, item.phase, item.where) == (metric, phase, where):
                return item.value
        return float("nan")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A set's value of one metric with its 95 % interval; NaN bounds when there are too few reps.

    ``first`` and ``last`` are the means of the first and the second half of the set, ``change_low`` and ``change_high``
    the interval of their difference (Welch); ``slope`` is per rep. ``error`` is the standard error of the mean within
    the set, ``freedom`` its degrees of freedom. ``at_most`` and ``at_least`` count the reps whose value is only an
    upper or a lower bound: the mean takes them as they stand.
    """

    metric: str
    phase: str
    where: str
    unit: str
    n: int
    mean: float
    low: float
    high: float
    first: float
    last: float
    change_low: float
    change_high: float
    slope: float
    slope_low: float
    slope_high: float
    error: float = math.nan
    freedom: float = math.nan
    at_most: int = 0
    at_least: int = 0


@dataclass(frozen=True, slots=True)
class SetSummary:
    """A finished set.

    ``notes`` says in one sentence each what could not be said, and why. ``references`` are those in force: all of one
    kind, or none. ``exceeded`` are the maximal ones that this set shows not to be maximal. ``partial`` movements were
    begun and do not count. ``reps_from`` and `reps_target` are asked for. ``signs`` are compensations over all reps.
    """

    index: int
    exercise: str
    exercise_title: str
    start_s: float
    stop_s: float
    reps_target: int | None
    hold_target_s: tuple[float, float] | None
    reps: tuple[RepSummary, ...]
    estimates: tuple[Estimate, ...]
    references: tuple[Reference, ...]
    notes: tuple[str, ...]
    exceeded: tuple[Exceeded, ...] = ()
    partial: int = 0
    reps_from: int | None = None
    signs: tuple[SignOfSet, ...] = ()

    @property
    def kind(self) -> str:
        """Kind of the references in force, ``T4`` without any."""
        return self.references[0].kind if self.references else "T4"

    def estimate(self, metric: str, phase: str, where: str = "both") -> Estimate | None:
        """Return one estimate, None when it is not there."""
        for item in self.estimates:
            if (item.metric, item.phase, item.where) == (metric, phase, where):
                return item
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a set says to one of the three questions; each stands alone and they are never merged.

    Attributes
    ----------
    question : str
        ``N`` unusual against published healthy groups, ``C`` changed against the person's own baseline, ``A`` sides
        differ.
    metric, phase, where : str
        The number that was asked, as in `Value`; empty when there was none.
    word : str
        ``no sign``, ``uncertain``, ``leaning``, ``clear in this measurement``; empty without an answer.
    probability : float
        That the answer is yes, in the `direction` given; NaN when not answered.
    direction : int
        +1 synergists more, or right more; −1 less; 0 when not answered.
    value : float
        What was held against the limit, ln: the index, its change, or right less left.
    error : float
        Standard error of `value`, ln, with all that the question must allow for: set, day, reference.
    limit : float
        What `value` had to exceed, ln.
    censored : bool
        The value is only a lower bound in most reps, because the glutes were below their limit of detection.
    used : tuple of str
        What the answer rests on.
    lacked : tuple of str
        Why there is no answer; empty when there is one.
    """

    question: str
    metric: str = ""
    phase: str = ""
    where: str = ""
    word: str = ""
    probability: float = math.nan
    direction: int = 0
    value: float = math.nan
    error: float = math.nan
    limit: float = math.nan
    censored: bool = False
    used: tuple[str, ...] = ()
    lacked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QualityFlag:
    """How long a channel was ``amber`` or ``red`` because of one `code` of `emgmon.dsp.quality.REMEDIES`."""

    code: str
    state: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class ChannelQuality:
    """How much of one channel there is, and how clean.

    Attributes
    ----------
    device, quantity, unit : str
    placement : Placement or None
    fs_hz : float
        Nominal rate.
    fs_measured_hz : float
        Rate against the host's clock; NaN when there was too little to tell.
    samples, lost : int
        Samples that came, and that the sensor's index says are missing.
    loss_evidence : str
        How loss is known: ``index``, ``counter``, ``time``, ``file`` or ``none``.
    bad_packets : int
        Packets that did not follow the protocol.
    noise : float
        RMS of the relaxed channel after the filters; NaN when no rest was recorded.
    battery_percent : int or None
    masked : int
        Samples that came but were not used, because the signal was not muscle.
    flags : tuple of QualityFlag
        Worst first.
    device_class : str
        Letter in `emgmon.dsp.device_class.CLASSES`; empty for other quantities than EMG.
    mains_hz : float
        Frequency of the mains hum that was taken out; NaN when there was none.
    notch_hz : float
        Mains frequency that the sensor itself takes out; NaN when it does not, or not enough was seen.
    """

    device: str
    placement: Placement | None
    quantity: str
    unit: str
    fs_hz: float
    fs_measured_hz: float
    samples: int
    lost: int
    loss_evidence: str
    bad_packets: int
    noise: float
    battery_percent: int | None
    masked: int = 0
    flags: tuple[QualityFlag, ...] = ()
    device_class: str = ""
    mains_hz: float = math.nan
    notch_hz: float = math.nan

    @property
    def masked_percent(self) -> float:
        """Share of unused samples in those that came, in %."""
        return 100.0 * self.masked / self.samples if self.samples else 0.0

    @property
    def lost_percent(self) -> float:
        """Share of missing samples in %, 0 when nothing was expected."""
        total = self.samples + self.lost
        return 100.0 * self.lost / total if total else 0.0


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """Everything that a report shows.

    ``source`` says where the data came from; ``simulated`` is true when no person wore the sensors.
    """

    started_utc: str
    program: str
    source: str
    simulated: bool
    duration_s: float
    sets: tuple[SetSummary, ...]
    channels: tuple[ChannelQuality, ...]
    settings: Mapping[str, Any]
    notes: tuple[str, ...]
