"""What a set and a session give: estimates, answers, signs, coverage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emgmon.model.places import Placement
from emgmon.model.reps import Exceeded, Reference, RepSummary, SignOfSet


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
    ``count`` is ``few``, ``met`` or ``many`` against what is asked for; empty when nothing is. ``measured_by`` as in
    `SetOpened`.
    """

    index: int
    exercise: str
    exercise_title: str
    start_s: float
    stop_s: float
    reps_target: int | None
    hold_target_s: tuple[float, float] | None
    reps: tuple[RepSummary, ...]
    estimates: Sequence[Estimate]
    references: tuple[Reference, ...]
    notes: tuple[str, ...]
    exceeded: tuple[Exceeded, ...] = ()
    partial: int = 0
    reps_from: int | None = None
    signs: tuple[SignOfSet, ...] = ()
    count: str = ""
    measured_by: int = 0

    @property
    def kind(self) -> str:
        """Kind of the references in force, ``T4`` without any."""
        return self.references[0].kind if self.references else "T4"

    def estimate(self, metric: str, phase: str, where: str = "both") -> Estimate | None:
        """Return one estimate, None when it is not there."""
        for item in self.estimates:
            if item.metric == metric and item.phase == phase and item.where == where:
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
