"""The chain's loops compiled by numba, for who installed the extra ``fast``; `emgmon.dsp.compiled` hands this out.

Bit by bit the numbers of what they replace: no fast-math, the order of NumPy's sums and of SciPy's filter. Whoever
changes one changes both; ``tests/dsp/test_kernel.py`` compares them.
"""

from __future__ import annotations

import math

import numpy as np

from emgmon.dsp import hum_loops, verdict_kernel
from emgmon.dsp.cached import compiled, compiled_with
from emgmon.dsp.canceller import FINE
from emgmon.dsp.hum_loops import EACH, HEAD
from emgmon.dsp.mains import UNREAL
from emgmon.dsp.shape_kernel import active_of, normals_of, singles_of
from emgmon.dsp.spectral_kernel import clean_of, raw_of
from emgmon.dsp.sum_kernel import sum_of
from emgmon.dsp.verdict_kernel import conclude, look
from emgmon.model import Array

__all__ = [
    "active_of", "cancel", "chunk", "clean_of", "conclude", "facts_of", "filtered_of", "levels_of", "look", "lost_of",
    "normals_of", "raw_of", "singles_of", "sum_of", "tapered", "warm",
]  # fmt: skip


@compiled
def filtered_of(samples: Array, sections: Array, state: Array, out: Array) -> bool:
    """Run second-order sections over samples, as `scipy.signal.lfilter` one by one; `state` (n_sections, 2) moves on.

    Returns False, and does nothing, where a sample is no voltage.
    """
    for x in samples:
        if not abs(x) < UNREAL:
            return False
    n = len(sections)
    if n > 1:
        _pair(samples, sections, state, 0, out)
    for first in range(2, n - 1, 2):
        _pair(out, sections, state, first, out)
    if n % 2:
        b0, b1, b2 = sections[n - 1, 0], sections[n - 1, 1], sections[n - 1, 2]
        a1, a2 = sections[n - 1, 4], sections[n - 1, 5]
        z0, z1 = state[n - 1, 0], state[n - 1, 1]
        for k in range(len(samples)):
            x = samples[k] if n == 1 else out[k]
            y = z0 + b0 * x
            z0 = z1 + x * b1 - y * a1
            z1 = x * b2 - y * a2
            out[k] = y
        state[n - 1, 0], state[n - 1, 1] = z0, z1
    return True


@compiled
def _pair(samples: Array, sections: Array, state: Array, first: int, out: Array) -> None:
    """Run two sections at once: while one waits for its last value the other works."""
    b0, b1, b2 = sections[first, 0], sections[first, 1], sections[first, 2]
    a1, a2 = sections[first, 4], sections[first, 5]
    d0, d1, d2 = sections[first + 1, 0], sections[first + 1, 1], sections[first + 1, 2]
    c1, c2 = sections[first + 1, 4], sections[first + 1, 5]
    z0, z1, w0, w1 = state[first, 0], state[first, 1], state[first + 1, 0], state[first + 1, 1]
    for k in range(len(samples)):
        x = samples[k]
        y = z0 + b0 * x
        z0 = z1 + x * b1 - y * a1
        z1 = x * b2 - y * a2
        u = w0 + d0 * y
        w0 = w1 + y * d1 - u * c1
        w1 = y * d2 - u * c2
        out[k] = u
    state[first, 0], state[first, 1], state[first + 1, 0], state[first + 1, 1] = z0, z1, w0, w1


@compiled
def chunk(samples: Array, flow: Array, kept: Array, at: int, out: Array) -> bool:
    """Filter a chunk into `out` and keep it, raw, without mains (there is none) and filtered, in `kept` (3, n) at `at`.

    `flow` is that of `emgmon.dsp.filters.BandPass`. Returns False, and does nothing, where a sample is no voltage.
    """
    n, n_sections = len(samples), len(flow) // 8
    sections = flow[: 6 * n_sections].reshape(n_sections, 6)
    state = flow[6 * n_sections : 8 * n_sections].reshape(n_sections, 2)
    if n == 0 or not filtered_of(samples, sections, state, out):
        return False
    for k in range(n):
        kept[0, at + k] = kept[1, at + k] = samples[k]
        kept[2, at + k] = out[k]
    flow[-1] = samples[-1]
    return True


@compiled
def facts_of(samples: Array, hop: int) -> Array:
    """Return `emgmon.dsp.contact.Facts` of each window of four hops, (7, n)."""
    hops = len(samples) // hop
    each, squares = np.empty((hops, 7)), np.empty(hop)
    for h in range(hops):
        first = h * hop
        low = high = samples[first]
        least, same = math.inf, 0.0
        for k in range(first + 1, first + hop):
            x, step = samples[k], abs(samples[k] - samples[k - 1])
            low, high = min(low, x), max(high, x)
            if step == 0.0:
                same += 1.0
            else:
                least = min(least, step)
        mean = sum_of(samples, first, hop) / hop
        for k in range(hop):
            away = samples[first + k] - mean
            squares[k] = away * away
        spread = math.sqrt(sum_of(squares, 0, hop) / hop)
        joint = abs(samples[first] - samples[first - 1]) if h else math.inf
        each[h] = low, high, least, same, mean, spread, joint
    out = np.empty((7, hops - 3))
    for k in range(hops - 3):
        low, high, least, same = each[k, 0], each[k, 1], each[k, 2], each[k, 3]
        for h in range(k + 1, k + 4):
            low, high = min(low, each[h, 0]), max(high, each[h, 1])
            least, same, joint = min(least, each[h, 2]), same + each[h, 3], each[h, 6]
            if joint == 0.0:
                same += 1.0
            else:
                least = min(least, joint)
        moved = (abs(each[k + 3, 4] - each[k, 4]) + each[k + 3, 5] + each[k, 5]) * (1.0 + 1e-9)
        middle = (each[k, 4] + each[k + 1, 4] + each[k + 2, 4] + each[k + 3, 4]) / 4.0
        out[:, k] = low, high, least, same, each[k + 3, 5], moved, middle
    return out


@compiled
def levels_of(filtered: Array, hop: int) -> Array:
    """RMS of each window of four hops, followed by that of each hop, (2 n + 3,); NaN where one is missing."""
    hops = len(filtered) // hop
    squares, out = filtered * filtered, np.empty(2 * hops - 3)
    windows, quarters = out[: hops - 3], out[hops - 3 :]
    for k in range(hops):
        quarters[k] = sum_of(squares, k * hop, hop)
    for k in range(hops - 3):
        windows[k] = math.sqrt((quarters[k] + quarters[k + 1] + quarters[k + 2] + quarters[k + 3]) / (4 * hop))
    for k in range(hops):
        quarters[k] = math.sqrt(quarters[k] / hop)
    return out


@compiled
def tapered(samples: Array, first: int, middle: Array, taper: Array, out: Array) -> None:
    """Put windows from `first` on, a quarter apart, into rows, less their middle, tapered."""
    size = len(taper)
    for k in range(len(out)):
        at = (first + k) * (size // 4)
        for j in range(size):
            out[k, j] = (samples[at + j] - middle[k]) * taper[j]


@compiled
def lost_of(raw: Array, filtered: Array, hop: int, table: Array, levels: Array) -> int:
    """Put facts, samples and RMS of windows into the first ten columns of `table`, and RMS of quarters into `levels`.

    Returns 2 where raw samples are lost and 1 where filtered ones are: what is told of windows with gaps is wrong then.
    """
    n = len(raw) // hop - 3
    table[:7, :n] = facts_of(raw, hop)
    found = levels_of(filtered, hop)
    table[7, :n] = 4.0 * hop
    table[8, :n] = 4.0 * hop
    table[9, :n], levels[: n + 3] = found[:n], found[n:]
    lost = 0
    for k in range(len(raw)):
        if raw[k] != raw[k]:
            return 2
        if filtered[k] != filtered[k]:
            lost = 1
    return lost


_move = compiled_with(hum_loops.move)
_learn = compiled_with(hum_loops.learn, move=_move)


@compiled
def cancel(
    samples: Array,
    out: Array,
    left: Array,
    wave: Array,
    turns: Array,
    aside: Array,
    state: Array,
    known: Array,
    filled: int,
) -> int:
    """Take hum out of samples as `emgmon.dsp.canceller.MainsCanceller`; returns how much of a block is filled."""
    n, n_lines = len(left), turns.shape[1]
    sums, row, nothing = np.empty(6 * n_lines), np.empty(n), np.empty(0)
    for k in range(len(samples)):
        out[k] = left[filled] = samples[k] - wave[filled]
        filled += 1
        if filled < n:
            continue
        filled, real = 0, True
        for j in range(n):
            real = real and abs(left[j]) < UNREAL
        if real:
            mean = sum_of(left, 0, n) / n
            for line in range(n_lines):
                for which in range(6):
                    side = which % 2
                    for j in range(n):
                        row[j] = turns[side, line, j] * (left[j] - mean)
                        if which > 1:
                            row[j] *= aside[side if which < 4 else 1 - side, j]
                    sums[6 * line + which] = sum_of(row, 0, n)
        _learn(state, sums if real else nothing, known)
        _begin(state, turns, wave)
    return filled


@compiled
def _begin(state: Array, turns: Array, wave: Array) -> None:
    """Prepare phasors and wave of a block."""
    n, n_lines = len(wave), turns.shape[1]
    fine = np.empty((2, FINE + 1))
    for line in range(n_lines):
        c, s = math.cos(state[0] * (line + 1)), math.sin(state[0] * (line + 1))
        fine[0, 0], fine[1, 0] = 1.0, 0.0
        for k in range(FINE):
            fine[0, k + 1] = fine[0, k] * c - fine[1, k] * s
            fine[1, k + 1] = fine[1, k] * c + fine[0, k] * s
        c, s = fine[0, FINE], fine[1, FINE]
        far, far_s = 1.0, 0.0
        re, im = state[HEAD + EACH * line], state[HEAD + EACH * line + 1]
        for first in range(0, n, FINE):
            for k in range(min(FINE, n - first)):
                turns[0, line, first + k] = far * fine[0, k] - far_s * fine[1, k]
                turns[1, line, first + k] = far_s * fine[0, k] + far * fine[1, k]
            far, far_s = far * c - far_s * s, far_s * c + far * s
        for k in range(n):
            part = turns[0, line, k] * re - turns[1, line, k] * im
            wave[k] = part if line == 0 else wave[k] + part


def warm() -> None:
    """Call each loop once with little, so that all are compiled or read from numba's cache."""
    samples, state, kept = np.zeros(64), np.zeros((2, 2)), np.zeros((3, 64))
    sections = np.ones((2, 6))
    filtered_of(samples, sections, state, np.empty(64))
    chunk(samples, np.zeros(17), kept, 0, np.empty(64))
    block, waves = np.ones(50), np.ones((2, 1, 50))
    cancel(samples, np.empty(64), block, block.copy(), waves, waves[:, 0], np.ones(HEAD + EACH), np.ones(8), 0)
    facts_of(samples, 8)
    levels_of(samples, 8)
    tapered(samples, 0, samples[:1], samples[:32], np.empty((1, 32)))
    signals = np.zeros((3, 64))
    lost_of(signals[0], signals[2], 8, np.zeros((10, 8)), np.zeros(8))
    power, bands, kept, told = np.ones((1, 64)), np.zeros((4, 8)), np.ones((3, 64)), np.zeros((3, 8))
    spectra, around, centres = np.ones((1, 64), complex), np.zeros((1, 17), np.int64), np.array([2, 0])
    clean_of(spectra, 0, 1.0, 2, 20, power, bands)
    raw_of(spectra, 0, 1.0, 2, 20, around, centres, power, bands, np.zeros((1, 1, 17)), np.zeros((1, 12)), told)
    rows, bins, which = np.zeros((5, 8)), (64, 5, 20, 10, True), np.array([0])
    active_of(power, kept, np.ones(4), np.full(4, math.nan), rows, bins, (1.0, np.ones(63)), 20, 0, 1, np.zeros((4, 8)))
    normals_of(singles_of(signals[0], 8, kept, which), signals[0], 8, kept, which, np.ones(64), np.zeros(4))
    verdict_kernel.warm()
