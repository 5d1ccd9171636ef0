"""The MyoWare's three public sketches: numbers as text, as lines, as bytes."""

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors.base import AttError
from firmware_sim.sensors.myoware import SKETCHES, MyoWare, number_text

COUNTS_PER_UV = 4095 / 3.3e6
ENVELOPE_OF_SINE = 200.0 * 2 / np.pi * 10200.0 * COUNTS_PER_UV  # at the gain after delivery


def said(sensor, until_s=3.0, **how):
    start(sensor, **how)
    return payloads(live(sensor, until_s), sensor.book()[0].uuid)


def test_number_of_the_document():
    assert number_text(12.5) == bytes.fromhex("31 32 2E 35 30")


def test_sketch_a_sends_an_envelope_as_text_at_no_fixed_rate(worn):
    sensor = worn(MyoWare, 1, "MyoWareSensor1")
    start(sensor)
    sent = live(sensor, 3.0)
    values = [float(payload) for _, _, payload in sent]
    assert np.mean(values[50:]) == pytest.approx(ENVELOPE_OF_SINE, rel=0.03)
    assert np.std(values[50:]) < 0.1 * ENVELOPE_OF_SINE
    steps = np.diff([at_s for at_s, _, _ in sent])
    assert 0.0095 < steps.min() < 0.0105
    assert 0.0135 < steps.max() < 0.0145
    assert sensor.read(SKETCHES["A"].port) == sent[-1][2]
    assert all(payload.count(b".") == 1 and len(payload.split(b".")[1]) == 2 for _, _, payload in sent)


def test_sketch_b_sends_lines_cut_anywhere(worn):
    sensor = worn(MyoWare, 1, "MyoW1", sketch="B")
    parts = said(sensor)
    assert {len(part) for part in parts} == {20}
    lines = b"".join(parts).split(b"\n")[50:-1]
    assert np.mean([float(line) for line in lines]) == pytest.approx(ENVELOPE_OF_SINE, rel=0.03)
    assert sensor.write("6e400002-b5a3-f393-e0a9-e50e24dcca9e", b"x", 23, 0.0) == []


def test_sketch_c_sends_a_byte_or_four(worn):
    one = said(worn(MyoWare, 1, "MYOWARE1", sketch="C"))
    assert {len(value) for value in one} == {1}
    assert one[-1][0] == pytest.approx(ENVELOPE_OF_SINE / 16, rel=0.06)
    assert len(one) / 3.0 < 100
    four = said(worn(MyoWare, 4, "MYOWARE1", sketch="C"))
    assert {len(value) for value in four} == {4}
    assert len(set(four[-1])) == 1
    with pytest.raises(ValueError, match="envelopes"):
        worn(MyoWare, 1, "MYOWARE1", sketch="C", signal="raw")


def test_raw_and_rectified_have_another_gain(worn):
    raw = np.array([float(value) for value in said(worn(MyoWare, 1, signal="raw"), 8.0)])
    assert raw.std() * np.sqrt(2) == pytest.approx(200.0 * 200 * COUNTS_PER_UV, rel=0.05)
    assert raw.min() < 0
    rectified = np.array([float(value) for value in said(worn(MyoWare, 1, signal="rectified"), 8.0)])
    assert rectified.min() >= 0
    assert rectified.max() == pytest.approx(raw.max(), abs=2)


def test_the_screw_sets_the_gain(worn):
    values = [float(value) for value in said(worn(MyoWare, 1, resistor_kohm=10.0))[50:]]
    assert np.mean(values) == pytest.approx(ENVELOPE_OF_SINE * 2200 / 10200, rel=0.03)


def test_millivolts_at_the_electrodes_are_coarse(worn):
    values = {float(value) for value in said(worn(MyoWare, 1, millivolts=True))[50:]}
    assert values <= {0.11, 0.12, 0.13, 0.14}


def test_an_envelope_saturates(worn):
    sensor = worn(MyoWare, 1)
    sensor.emg_uv = lambda times_s: np.full((times_s.size, 1), 800.0)
    assert float(said(sensor)[-1]) == 4095.0


def test_it_falls_silent_with_its_listener(worn):
    sensor = worn(MyoWare, 1)
    start(sensor)
    sensor.subscribed(SKETCHES["A"].port, False, 23, 0.0)
    assert sensor.next_due_s() is None
    start(sensor)
    sensor.disconnected()
    assert live(sensor, 1.0) == []


def test_what_the_sketches_do_not_have(worn):
    with pytest.raises(AttError):
        worn(MyoWare, 1, sketch="B").read(SKETCHES["B"].port)
    with pytest.raises(AttError):
        worn(MyoWare, 1).write(SKETCHES["A"].port, b"x", 23, 0.0)
