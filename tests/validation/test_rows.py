"""The rows themselves: cheap ones give finite numbers, and a program that is broken on purpose misses its target."""

import math
from dataclasses import replace

import numpy as np
import pytest

from emgmon.validation import ROWS, Verdict, amplitude, onsets, statistics
from emgmon.validation.running import run_row
from emgmon.validation.sources import DRIVE_HZ, GRID_HZ, noise, trapezoids

BY_ID = {row.id: replace(row, n_quick=1) for row in ROWS}
"""The rows with one seed each: enough to see that they work."""
CHEAP = ("coverage", "clocks", "false-alarms", "envelope")


@pytest.mark.parametrize("name", CHEAP)
def test_a_cheap_row_gives_finite_numbers(name):
    result = run_row(BY_ID[name], quick=True)
    assert result.why == ""
    assert result.judged
    assert all(math.isfinite(item.measurement.value) for item in result.judged)
    assert result.verdict in {Verdict.MET, Verdict.MISSED}


def test_the_same_seeds_give_the_same_numbers():
    first, again = (run_row(BY_ID["false-alarms"], quick=True) for _ in range(2))
    assert first.judged == again.judged


def test_an_interval_that_is_too_narrow_is_missed(monkeypatch):
    right = statistics.interval

    def narrow(index, value):
        low, high = right(index, value)[:2]
        return (0.75 * low + 0.25 * high, 0.25 * low + 0.75 * high)

    monkeypatch.setattr(statistics, "interval", narrow)
    assert run_row(BY_ID["coverage"], quick=True).verdict is Verdict.MISSED


def test_an_envelope_that_is_too_large_is_missed(monkeypatch):
    right = amplitude.moving_rms
    monkeypatch.setattr(amplitude, "moving_rms", lambda *args: 1.2 * right(*args))
    assert run_row(BY_ID["envelope"], quick=True).verdict is Verdict.MISSED


def test_onsets_that_are_late_are_missed(monkeypatch):
    right = onsets.onset_near

    def late(*args, **named):
        found = right(*args, **named)
        return found._replace(onset_s=found.onset_s + 0.03)

    monkeypatch.setattr(onsets, "onset_near", late)
    result = run_row(BY_ID["onset"], quick=True)
    missed = {item.measurement.measure for item in result.judged if item.verdict is Verdict.MISSED}
    assert "median" in missed


def test_onsets_that_are_not_found_are_missed(monkeypatch):
    right = onsets.onset_near
    monkeypatch.setattr(onsets, "onset_near", lambda *args, **named: right(*args, **named)._replace(onset_s=math.nan))
    result = run_row(BY_ID["onset"], quick=True)
    shares = {item.measurement.value for item in result.judged if item.measurement.measure == "missed"}
    assert shares == {100.0}
    assert result.verdict is Verdict.MISSED


def test_noise_has_the_level_that_is_asked_for_in_the_band_of_muscle():
    made = noise(200_000, 10.0, np.random.default_rng(1))
    power = np.abs(np.fft.rfft(made)) ** 2
    frequency_hz = np.fft.rfftfreq(len(made), 1.0 / GRID_HZ)
    inside = (frequency_hz >= 20.0) & (frequency_hz <= 450.0)
    rms = math.sqrt(2.0 * float(power[inside].sum())) / len(made)
    assert rms == pytest.approx(10.0, rel=0.02)


def test_trapezoids_hold_their_level_in_the_span_and_nothing_far_from_it():
    drive = trapezoids(6.0, {(2.0, 4.0): 0.3}, 0.5)
    time_s = np.arange(len(drive)) / DRIVE_HZ
    assert drive[(time_s >= 2.0) & (time_s <= 4.0)] == pytest.approx(0.3)
    assert not drive[(time_s <= 1.5) | (time_s >= 4.5)].any()
    assert drive[round(1.75 * DRIVE_HZ)] == pytest.approx(0.15)
