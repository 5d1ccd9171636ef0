"""Laws of every step with a state: any cut gives the same bits, a copy goes on alike, any floats are survived.

A step is a row of `STEPS`; its signal is drawn by kind, so that every law meets gaps, constants, overflow and hum.
"""

import copy
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.dsp.beats import RPeaks
from emgmon.dsp.canceller import MainsCanceller
from emgmon.dsp.crosstalk import PairWatch
from emgmon.dsp.ecg import HeartCanceller
from emgmon.dsp.envelope import HopPower
from emgmon.dsp.filters import ERECTOR_SPINAE, BandPass
from emgmon.dsp.mains import Hum
from emgmon.dsp.orientation import Gravity
from emgmon.dsp.quality import QualityWatch
from emgmon.dsp.seconds import Seconds
from emgmon.exercise.reps import TICK_S, RepFinder
from emgmon.model import SampleBlock, Stream
from emgmon.pipeline.chain import Chain
from emgmon.timing.align import ClockFit
from emgmon.timing.counters import SampleCounter

FS = 1000.0
STREAM = Stream("S", "emg", "uv", FS, (None,))


class Step(NamedTuple):
    """How to make a step, and how to feed it rows (n, width); `unit` rows go in at a time, any number when 1."""

    make: Callable[[], Any]
    feed: Callable[[Any, Any], list[Any]]
    width: int = 1
    unit: int = 1


def column(step, rows):
    return [step(rows[:, 0])]


def judged(step, rows):
    filtered, found = step(rows[:, 0])
    return [filtered, *found]


def tuned():
    canceller = MainsCanceller(FS)
    canceller.tune(Hum(50.1, 20.0, 30.0), np.zeros(1000))
    return canceller


def hops(step, rows):
    return [step(rows[:, 0])[0]]


def beating(step, rows):
    clean = np.nan_to_num(np.clip(rows[:, 0], -1e12, 1e12))
    if clean[0] > 0.0:
        step.tell(step.began + int(clean[0]))
    lost = np.where(np.abs(rows[:, 0]) < 1e12, rows[:, 0], np.nan)
    (revised,), left = step.take(clean[None], lost[None], [2.0], [2.0])
    return [*revised, step.ratio, *left]


def good_or_not(step, rows, *, cancelling=False):
    raw = np.where(np.abs(rows[:, 0]) < 1e12, rows[:, 0], np.nan)
    seen = Seconds(np.stack([raw, raw, raw]), len(raw) // 4, FS, step.bins, cleaned=cancelling)
    looked = step.look(seen, 0, 1, 4, cancelling=cancelling)
    return [*looked, *step.rests(0, 1), *step.judge(seen, 0, 1, [0.2]), step.hum, step.notch_hz]


def good_without_mains(step, rows):
    return good_or_not(step, rows, cancelling=True)


def pair(step, rows):
    rows = np.where(np.abs(rows) < 1e12, rows, np.nan)
    return [step.add(rows[:, 0], rows[:, 1], 1.0, 1.0)]


def inertial(step, rows):
    return [step(rows)]


def angles(step, rows):
    """One tick for each row: what the finder says, and its phase."""
    said = []
    for angle_deg in rows[:, 0].tolist():
        step.fed = getattr(step, "fed", 0)
        said += [step.finder.feed(TICK_S * step.fed, angle_deg), step.finder.phase, step.finder.hold_began_s]
        step.fed += 1
    return said


class Ticking:
    """A rep finder with a count of its ticks."""

    def __init__(self):
        self.finder, self.fed = RepFinder(15.0), 0


def clocks(step, rows):
    said = []
    for device_s, delay_s in np.nan_to_num(np.clip(rows, -1e6, 1e6)).tolist():
        step.add(device_s, device_s + delay_s)
        said.append(step.session_s(device_s))
    return said


def counted(step, rows):
    """Blocks whose index jumps by what the signal says."""
    jump = int(np.nan_to_num(np.clip(rows[0, 0], -50, 50)))
    samples, first = step.take(SampleBlock(STREAM, rows, max(0, 100 + 20 * step.received + jump), 0.0, 0))
    return [samples, first, step.received, step.lost, step.repeated]


STEPS = {
    "band-pass": Step(lambda: BandPass(FS), column),
    "band-pass, back": Step(lambda: BandPass(FS, ERECTOR_SPINAE), column),
    "mains canceller": Step(tuned, column),
    "heart canceller": Step(lambda: HeartCanceller(FS, 250), beating, unit=250),
    "hops": Step(lambda: HopPower(FS), hops),
    "quality": Step(lambda: QualityWatch(FS, "uv", noise=2.0, reference=80.0), good_or_not, unit=1000),
    "quality, without mains": Step(lambda: QualityWatch(FS, "a.u.", reference=80.0), good_without_mains, unit=1000),
    "pair": Step(lambda: PairWatch(FS), pair, width=2, unit=1000),
    "R peaks": Step(lambda: RPeaks(FS), lambda step, rows: step(rows[:, 0])),
    "chain": Step(lambda: Chain(FS, "uv"), judged),
    "chain, back": Step(lambda: Chain(FS, "uv", ERECTOR_SPINAE), judged),
    "chain, envelope": Step(lambda: Chain(FS, "a.u.", raw=False), judged),
    "gravity": Step(lambda: Gravity(100.0), inertial, width=6),
    "rep finder": Step(Ticking, angles),
    "clock fit": Step(ClockFit, clocks, width=2),
    "sample counter": Step(SampleCounter, counted, unit=20),
}
CHUNKED = [name for name, step in STEPS.items() if step.unit == 1]


@st.composite
def signals(draw, width, rows):
    """Rows of one of the kinds that a step may meet."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["noise", "muscle", "gaps", "constant", "any"]))
    samples = rng.normal(0.0, 2.0, (rows, width))
    time_s = np.arange(rows) / FS
    if kind in {"muscle", "gaps"}:
        samples[:, 0] += 40.0 * rng.standard_normal(rows) * (np.sin(2 * np.pi * 0.4 * time_s) > 0.3)
        samples += 20.0 * np.sin(2 * np.pi * 50.1 * time_s)[:, None]
        samples[::800] += 60.0
    if kind == "gaps":
        for _ in range(draw(st.integers(1, 5))):
            start = int(rng.integers(rows))
            samples[start : start + int(rng.integers(1, 400))] = np.nan
    elif kind == "constant":
        samples[:] = draw(st.sampled_from([0.0, -5.0, 1e11, 1e300, np.nan, np.inf]))
    elif kind == "any":
        spots = draw(st.lists(st.tuples(st.integers(0, rows - 1), st.floats()), max_size=12))
        for at, value in spots:
            samples[at] = value
    return samples


def same(ours, theirs):
    """Whether two lists of outputs are the same bits."""
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, other)
        else:
            assert repr(one) == repr(other)


def joined(outputs):
    """Arrays end to end first, then all else in order: what does not depend on how a call's output is cut."""
    arrays = [item for item in outputs if isinstance(item, np.ndarray)]
    rest = [item for item in outputs if not isinstance(item, np.ndarray)]
    return [np.concatenate(arrays), *rest] if arrays else rest


def in_pieces(step, made, samples, edges):
    return [item for a, b in pairwise(edges) for item in step.feed(made, samples[a:b])]


@pytest.mark.parametrize("name", CHUNKED)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_chunking_any_cut_gives_the_same_bits(name, data):
    step = STEPS[name]
    samples = data.draw(signals(step.width, 2600))
    cuts = data.draw(st.lists(st.integers(0, len(samples)), max_size=8))
    whole = step.feed(step.make(), samples)
    pieces = in_pieces(step, step.make(), samples, [0, *sorted(cuts), len(samples)])
    same(joined(whole), joined(pieces))


@pytest.mark.parametrize("name", STEPS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_a_copy_goes_on_alike_and_apart(name, data):
    """State is saved by `copy.deepcopy`: the copy and the original give the same, and neither touches the other."""
    step = STEPS[name]
    samples = data.draw(signals(step.width, max(3000, 12 * step.unit)))
    size = step.unit if step.unit > 1 else data.draw(st.integers(100, 700))
    edges = list(range(0, len(samples) + 1, size))
    cut = data.draw(st.integers(0, len(edges) - 1))
    made = step.make()
    in_pieces(step, made, samples, edges[: cut + 1])
    saved = copy.deepcopy(made)
    first = in_pieces(step, made, samples, edges[cut:])
    second = in_pieces(step, saved, samples, edges[cut:])
    same(first, second)
    straight = in_pieces(step, step.make(), samples, edges)
    same(straight[len(straight) - len(first) :], first)


@pytest.mark.parametrize("name", STEPS)
def test_totality_of_nothing_and_of_one_sample(name):
    step = STEPS[name]
    if step.unit == 1:
        step.feed(step.make(), np.empty((0, step.width)))
        step.feed(step.make(), np.zeros((1, step.width)))
        step.feed(step.make(), np.full((1, step.width), np.nan))
