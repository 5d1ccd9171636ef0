"""The Polar H10 as its maker's document has it: control point, refusals, frames with the time of their last sample."""

import struct
from itertools import pairwise

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim import Window, bridges
from firmware_sim.body import Artefacts, Body
from firmware_sim.chest import R_WAVE_UV, chest_ecg
from firmware_sim.electrode import STILL_S
from firmware_sim.physiology import body_signals
from firmware_sim.sensors.polar_h10 import (
    BATTERY,
    CONTROL,
    DATA,
    HEART_RATE,
    HEART_SERVICE,
    PolarH10,
    frame,
)

START_ECG = "02 00 00 01 82 00 01 01 0E 00"
START_ACC = "02 02 00 01 C8 00 01 01 10 00 02 01 08 00"


def ask(sensor, text, mtu=247):
    """Answer to a request, both in hexadecimal."""
    [(port, payload)] = sensor.write(CONTROL, bytes.fromhex(text), mtu, 0.0)
    assert port == CONTROL
    return payload.hex(" ").upper()


def test_frames_of_the_document():
    ecg = frame(0, 2_000_000_000, np.array([[-32766], [32770]]))
    assert ecg == bytes.fromhex("00 00 94 35 77 00 00 00 00 00 02 80 FF 02 80 00")
    acc = frame(2, 2_000_000_000, np.array([[-9, -1, 999], [-8, -2, 997]]))
    assert acc == bytes.fromhex("02 00 94 35 77 00 00 00 00 01 F7 FF FF FF E7 03 F8 FF FE FF E5 03")


def test_settings_and_starts_of_the_document(worn):
    sensor = worn(PolarH10, 1)
    assert sensor.read(CONTROL)[:2] == b"\x0f\x05"
    assert ask(sensor, "01 00") == "F0 01 00 00 00 00 01 82 00 01 01 0E 00"
    assert ask(sensor, "01 02") == ("F0 01 02 00 00 00 04 19 00 32 00 64 00 C8 00 01 01 10 00 02 03 02 00 04 00 08 00")
    assert ask(sensor, START_ECG) == "F0 02 00 00 00"
    assert ask(sensor, START_ACC) == "F0 02 02 00 00"
    assert ask(sensor, "03 00") == "F0 03 00 00 00"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("05 00", 1),
        ("02 01 00 01 82 00", 2),
        ("01", 4),
        ("02 00 00 01 82", 4),
        ("02 00 00 02 82 00", 4),
        ("02 00 00 01 82 00", 5),
        ("03 00", 6),
        ("02 00 00 01 82 00 01 01 10 00", 7),
        ("02 00 00 01 81 00 01 01 0E 00", 8),
        ("02 02 00 01 C8 00 01 01 10 00 02 01 10 00", 9),
    ],
)
def test_refusals(worn, request_, status):
    assert ask(worn(PolarH10, 1), request_).split()[3] == f"{status:02X}"


def test_mtu_charger_and_a_second_start_are_refused(worn):
    sensor = worn(PolarH10, 1)
    assert ask(sensor, START_ECG, mtu=23) == "F0 02 00 0A 00"
    sensor.conditions.charging = True
    assert ask(sensor, START_ECG) == "F0 02 00 0D 00"
    sensor.conditions.charging = False
    assert ask(sensor, START_ECG) == "F0 02 00 00 00"
    assert ask(sensor, START_ECG) == "F0 02 00 06 00"


def test_frames_tell_the_time_of_their_last_sample(worn):
    sensor = worn(PolarH10, 1)
    start(sensor)
    sent = [(at_s, payload) for at_s, port, payload in live(sensor, 10.0) if port == DATA]
    for kind, size, each, rate_hz in ((0, 73, 3, 130), (2, 36, 6, 200)):
        own = [(at_s, payload) for at_s, payload in sent if payload[0] == kind]
        assert {len(payload) for _, payload in own} == {10 + size * each}
        times_ns = [struct.unpack("<Q", payload[1:9])[0] for _, payload in own]
        assert times_ns[0] > 599_616_000_000_000_000
        step_ns = {later - earlier for earlier, later in pairwise(times_ns)}
        assert max(step_ns) - min(step_ns) < 2000
        assert np.mean(list(step_ns)) == pytest.approx(size / rate_hz * 1e9, rel=1e-6)
        assert (times_ns[1] - times_ns[0]) / 1e9 == pytest.approx((own[1][0] - own[0][0]) * sensor.clock.rate, rel=1e-6)
    acc = np.frombuffer(next(payload for _, payload in reversed(sent) if payload[0] == 2)[10:], "<i2").reshape(-1, 3)
    assert acc[0] == pytest.approx([-500, 0, 866], abs=1)


def test_a_smaller_mtu_makes_shorter_frames(worn):
    sensor = worn(PolarH10, 1)
    start(sensor, mtu=100)
    assert max(map(len, payloads(live(sensor, 3.0), DATA))) <= 97


def test_who_leaves_without_stopping_finds_it_measuring(worn):
    sensor = worn(PolarH10, 1)
    start(sensor)
    live(sensor, 2.0)
    sensor.disconnected()
    assert sensor.next_due_s() is None
    sensor.connected(3.0, 0.015)
    assert ask(sensor, START_ECG) == "F0 02 00 06 00"
    assert ask(sensor, "03 00") == "F0 03 00 00 00"
    assert ask(sensor, START_ECG) == "F0 02 00 00 00"


def test_it_switches_off_45_s_after_the_skin_let_go(worn):
    sensor = worn(PolarH10, 1)
    start(sensor)
    sensor.conditions.lifted_s = ((1.0, Window("X", 0.0).end_s),)
    live(sensor, 45.0, step_s=1.0)
    assert sensor.powered
    live(sensor, 47.0, from_s=45.0, step_s=1.0)
    assert not sensor.powered


def test_beats_as_heart_rate(worn):
    sensor = worn(PolarH10, 1)
    sensor.connected(0.0, 0.015)
    sensor.subscribed(HEART_RATE, True, 247, 0.0)
    beats = payloads(live(sensor, 6.0), HEART_RATE)
    assert {beat[:2] for beat in beats} == {bytes((0x10, 70))}
    assert int.from_bytes(beats[0][2:], "little") / 1024 == pytest.approx(60 / 70, abs=1e-3)


def test_name_service_battery(worn):
    sensor = worn(PolarH10, 1, "Polar H10 7E5A1B2C")
    assert sensor.advertisement().service_uuids == (HEART_SERVICE,)
    assert sensor.read(BATTERY)[0] == sensor.battery_percent()


@pytest.mark.parametrize("ecg_uv", [0.0, 60.0])
def test_the_chest_beats_with_the_back(ecg_uv):
    script = bridges(1, seed=2)
    body = Body(artefacts=Artefacts(ecg_uv=ecg_uv))
    chest = chest_ecg(script, seed=4, body=body)
    assert chest.values.max() == pytest.approx(R_WAVE_UV, rel=0.12)
    back = body_signals(script, ("erector_spinae", "left"), seed=4, body=body).emg_uv
    assert back.values.shape == chest.values.shape
    still = slice(0, int(STILL_S * chest.rate_hz))  # nobody moves: the back shows the heart
    tops = [
        at
        for at in range(200, still.stop - 200)
        if chest.values[at, 0] > 0.6 * R_WAVE_UV and chest.values[at, 0] == chest.values[at - 200 : at + 200, 0].max()
    ]
    assert 8 <= len(tops) <= 11
    height = np.mean([np.abs(back.values[at - 8 : at + 8, 0]).max() for at in tops])
    between = np.mean([np.abs(back.values[at + 900 : at + 916, 0]).max() for at in tops if at + 916 < still.stop])
    assert height > 1.8 * between
