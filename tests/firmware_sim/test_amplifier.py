"""Circuits do what their names say, and the converter has its steps and its limits."""

import numpy as np
import pytest
from scipy import signal

from firmware_sim.amplifier import Amplifier, band_pass, digitise, filtered, low_pass, notch, resistor_capacitor

GRID_HZ = 4000.0
TIME_S = np.arange(int(4 * GRID_HZ)) / GRID_HZ


def tone(frequency_hz, amplitude_uv=1000.0):
    return amplitude_uv * np.sin(2 * np.pi * frequency_hz * TIME_S)


def settled_rms(values, rate_hz):
    return values[int(rate_hz) : int(3 * rate_hz)].std()


def test_circuits_are_those_of_the_textbook():
    noise = np.random.default_rng(0).standard_normal(8000)
    sections = [signal.butter(2, corner, kind, fs=GRID_HZ) for corner, kind in ((10, "high"), (450, "low"))]
    expected = signal.lfilter(*sections[1], signal.lfilter(*sections[0], noise))
    assert filtered(noise, GRID_HZ, band_pass(10.0, 450.0)) == pytest.approx(expected, abs=1e-6)
    expected = signal.lfilter(*signal.iirnotch(50.0, 30.0, fs=GRID_HZ), noise)
    assert filtered(noise, GRID_HZ, notch(50.0)) == pytest.approx(expected, abs=0.01)


def test_nothing_comes_before_its_cause():
    step = np.where(np.arange(8000) < 4000, 0.0, 5000.0)
    for circuit in (band_pass(10.0, 450.0), low_pass(800.0), resistor_capacitor(0.03)):
        assert np.abs(filtered(step, 2000.0, circuit)[:4000]).max() < 0.01


@pytest.mark.parametrize(
    ("frequency_hz", "anti_alias", "expected"), [(80, True, 1.0), (900, True, 0.143), (900, False, 1.0)]
)
def test_anti_alias_filter_keeps_what_the_rate_can_carry(frequency_hz, anti_alias, expected):
    made = digitise(tone(frequency_hz), GRID_HZ, Amplifier(1000.0, anti_alias=anti_alias))
    assert settled_rms(made.samples_uv, 1000.0) == pytest.approx(expected * 1000 / np.sqrt(2), rel=0.05)


def test_on_board_notch_leaves_a_hole_at_its_centre_only():
    for frequency_hz, expected in ((50.0, 0.0), (46.0, 0.96), (100.0, 1.0)):
        made = digitise(tone(frequency_hz), GRID_HZ, Amplifier(1000.0, notch_hz=50.0))
        assert settled_rms(made.samples_uv, 1000.0) == pytest.approx(expected * 1000 / np.sqrt(2), abs=30)


@pytest.mark.parametrize("rc_s", [0.03, 0.1])
def test_envelope_circuit_rises_with_its_time_constant(rc_s):
    step = np.where(TIME_S >= 1.0, tone(100.0), 0.0)
    made = digitise(step, GRID_HZ, Amplifier(500.0, envelope_rc_s=rc_s, anti_alias=False))
    final = made.samples_uv[-500:].mean()
    assert final == pytest.approx(1000.0 * 2 / np.pi, rel=0.02)
    after = made.samples_uv[500:]
    assert np.argmax(after > (1 - np.exp(-1)) * final) / 500.0 == pytest.approx(rc_s, abs=0.008)


@pytest.mark.parametrize("bits", [8, 12, 16, 24])
def test_values_are_whole_steps_and_the_limits_are_told(bits):
    amplifier = Amplifier(1000.0, bits=bits, full_scale_uv=800.0, anti_alias=False)
    made = digitise(tone(20.0), GRID_HZ, amplifier)
    counts = made.samples_uv / amplifier.step_uv
    assert counts == pytest.approx(np.rint(counts), abs=1e-6)
    assert made.samples_uv.max() <= 800.0
    assert made.clipped.mean() == pytest.approx(1 - np.arcsin(0.8) * 2 / np.pi, abs=0.02)


def test_gain_is_on_the_signal_and_not_in_the_unit():
    made = digitise(tone(80.0), GRID_HZ, Amplifier(2000.0, gain=0.5))
    assert settled_rms(made.samples_uv, 2000.0) == pytest.approx(500 / np.sqrt(2), rel=0.02)


def test_a_grid_coarser_than_the_sensor_is_refused():
    with pytest.raises(ValueError, match="500 Hz cannot feed a sensor of 1000 Hz"):
        digitise(np.zeros(100), 500.0, Amplifier(1000.0))
