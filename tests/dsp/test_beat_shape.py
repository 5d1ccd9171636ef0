"""The shape of a beat: the medians and means of its definition, whatever was forgotten on the way."""

import math

import numpy as np
import pytest
import scipy

from emgmon.dsp.beat_shape import BEAT_S, BeatShape, Remains


def test_the_shape_is_the_median_of_the_last_beats_led_to_zero():
    rng = np.random.default_rng(0)
    shape, came = BeatShape(beats=7, least=3), []
    edges = scipy.signal.windows.tukey(60, 0.3)
    for _beat in range(20):
        came.append(np.round(rng.standard_normal(60), 1))  # many are alike
        shape.learn(came[-1], 2.0)
        np.testing.assert_array_equal(shape.wave, np.median(np.stack(came[-7:]), axis=0) * edges)
        n = min(len(came), 7)
        expected = math.sqrt(max((shape.wave**2).mean() - 1.57 * 4.0 / n, 0.0)) / 2.0 if n >= 3 else math.nan
        assert shape.ratio == pytest.approx(expected, nan_ok=True)


def test_a_beat_that_is_changed_afterwards_stays_as_it_was_taken():
    shape, piece = BeatShape(beats=2, least=1), np.ones(30)
    shape.learn(piece, 1.0)
    piece[:] = 9.0
    shape.learn(np.full(30, 3.0), 1.0)
    assert shape.wave.max() == 2.0


def test_what_remains_is_the_mean_beat_less_what_chance_gives():
    rng = np.random.default_rng(1)
    remains, beats = Remains(100.0, least=4), []
    for _beat in range(20):
        beats.append(rng.standard_normal(26) + 1.0)
        remains.add(beats[-1])
        last = np.stack(beats[-16:])
        if len(beats) < 4:
            assert math.isnan(remains.rms())
            continue
        chance = last.var(axis=0, ddof=1).mean() / len(last)
        share = 26 / (BEAT_S * 100.0)
        assert remains.rms() == pytest.approx(math.sqrt(share * max((last.mean(axis=0) ** 2).mean() - chance, 0.0)))
