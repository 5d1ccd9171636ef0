"""Signals as other programs get them: every sample in its place, nothing invented, the same analysis as live."""

import numpy as np
import pytest
from simulated import entries_of, script_of, session_time

from emgmon.devices import driver_named, imported
from emgmon.dsp.envelope import HOP_S
from emgmon.errors import ExportFailed
from emgmon.model import Frame, Mark, Packet, SignalSeen
from emgmon.storage.signals import read_signals
from firmware_sim import Faults, Window

pytestmark = pytest.mark.slow  # whole sessions


@pytest.fixture(scope="module")
def signals(entries):
    return read_signals(entries)


def signal_named(signals, name):
    (found,) = [signal for signal in signals.signals if signal.name == name]
    return found


def decoded(entries, device, quantity):
    """Samples of one stream as its driver says them, without the clock."""
    decoder = driver_named("emgmon_gatt").decoder(device)
    packets = [entry for entry in entries if isinstance(entry, Packet) and entry.device == device]
    return np.concatenate(
        [b.samples for packet in packets for b in decoder.decode(packet) if b.stream.quantity == quantity]
    )


@pytest.mark.parametrize("quantity", ["emg", "imu"])
def test_raw_samples_are_those_of_the_driver(signals, entries, quantity):
    for device in ("EMG-GL", "EMG-ER"):
        np.testing.assert_array_equal(
            signal_named(signals, f"{device}_{quantity}").samples, decoded(entries, device, quantity)
        )


def test_names_and_units(signals):
    emg = signal_named(signals, "EMG-GL_emg")
    assert [(c.name, c.label, c.unit) for c in emg.channels] == [("gluteus_maximus_left", "EMG GL", "uV")]
    imu = signal_named(signals, "EMG-GL_imu")
    assert [c.unit for c in imu.channels] == ["g"] * 3 + ["deg/s"] * 3
    labels = [channel.label for signal in signals.signals for channel in signal.channels]
    assert len(set(labels)) == len(labels)
    assert all(len(label) <= 16 and label.isascii() for label in labels)


def test_rates_are_measured_and_times_fit(signals):
    for signal in signals.signals:
        assert signal.fs_measured_hz == pytest.approx(signal.fs_hz, rel=2e-4)
        assert signal.time_error_s < 0.003


def test_filtered_emg_is_that_of_the_window(signals, told):
    seen = [e for e in told[0] if isinstance(e, SignalSeen) and str(e.placement) == "biceps_femoris/left"]
    live = np.concatenate([event.samples for event in seen])
    filtered = signal_named(signals, "EMG-HL_emg_filtered")
    np.testing.assert_allclose(filtered.samples[:, 0], live, rtol=1e-9, atol=1e-9)
    middle = len(seen) // 2
    row = sum(len(event.samples) for event in seen[:middle])
    assert filtered.time_s(row, row + 1)[0] == pytest.approx(seen[middle].start_s, abs=0.005)


def test_envelope_is_the_level_of_the_reports_curves(signals, told):
    envelope = signal_named(signals, "EMG-GL_emg_envelope")
    done = told[1].sets[0]
    reference = next(r.level for r in done.references if str(r.placement) == "gluteus_maximus/left")
    for item in done.reps:
        curve = next(c for c in item.curves if str(c.placement) == "gluteus_maximus/left")
        middle_s = curve.start_s + curve.period_s * np.arange(len(curve.level))
        times_s = envelope.time_s(0, len(envelope.samples))
        there = np.isfinite(envelope.samples[:, 0])
        near = [
            np.interp(middle_s + late_s, times_s[there], envelope.samples[there, 0]) / reference
            for late_s in np.arange(-HOP_S, 1.5 * HOP_S, HOP_S / 2)  # a curve's windows begin and end at whole hops
        ]
        margin = 0.06 * np.max(curve.level)
        assert (np.min(near, axis=0) - margin < curve.level).all()
        assert (np.max(near, axis=0) + margin > curve.level).all()
        assert np.median(np.abs(near[2] - curve.level)) < 0.02 * np.max(curve.level)


def test_angle_is_that_of_the_frames(signals, told):
    frames = [event for event in told[0] if isinstance(event, Frame)]
    angle = signal_named(signals, "angle")
    np.testing.assert_array_equal(angle.samples[:, 0], [frame.angle_deg for frame in frames])
    np.testing.assert_allclose(angle.time_s(0, len(frames)), [frame.t_s for frame in frames], atol=1e-9)


def test_only_what_is_asked_for():
    entries = entries_of(script_of(1, seed=2), seed=2, sensors=("EMG-GL",))
    assert {s.kind for s in read_signals(entries, "raw").signals} == {"emg", "imu"}
    assert {s.kind for s in read_signals(entries, "processed").signals} == {"emg_filtered", "emg_envelope", "angle"}


@pytest.mark.parametrize("length_s", [3.0, 12.0])
def test_a_lost_sensor_leaves_a_gap_and_comes_back_to_its_place(length_s):
    """Clean and interrupted recording of the same seed say the same samples at the same times, but for the gap."""
    script = script_of(2, seed=6)
    worn = ("EMG-HL",)
    lost_s = script.reps[0].start_s
    outage = Window("EMG-HL", lost_s, length_s)
    clean = read_signals(entries_of(script, seed=6, sensors=worn), "raw")
    entries = entries_of(script, seed=6, faults=Faults(outages=(outage,)), sensors=worn)
    broken = signal_named(read_signals(entries, "raw"), "EMG-HL_emg")
    whole = signal_named(clean, "EMG-HL_emg")
    ((gap_s, gap_length_s),) = broken.gaps()
    assert gap_s == pytest.approx(session_time(entries, lost_s), abs=0.2)
    assert gap_length_s == pytest.approx(length_s, abs=0.8)
    after = int((gap_s + gap_length_s - broken.start_s) * broken.fs_hz) + 1000
    snippet = broken.samples[after : after + 500, 0]
    lags = range(-40, 41)
    errors = [np.abs(whole.samples[after + lag : after + lag + 500, 0] - snippet).max() for lag in lags]
    assert min(errors) < 0.2 * np.median(errors)  # sampling starts anew, so the phase of a sample differs
    at = broken.time_s(after, after + 1)[0]
    there = after + lags[int(np.argmin(errors))]
    assert whole.time_s(there, there + 1)[0] == pytest.approx(at, abs=0.004)


def test_seams_of_blocks_do_not_show(monkeypatch):
    entries = entries_of(script_of(1, seed=2), seed=2, sensors=("EMG-EL",))
    whole = read_signals(entries, "processed").signals
    monkeypatch.setattr("emgmon.storage.tapes.BLOCK_ROWS", 4321)
    for signal, pieces in zip(whole, read_signals(entries, "processed").signals, strict=True):
        np.testing.assert_allclose(pieces.samples, signal.samples, rtol=1e-9, atol=1e-9)


def test_two_streams_of_one_device_have_two_names():
    """A file with one column in µV and two of unknown scale and muscle."""
    streams = [
        {"quantity": "emg", "unit": "uv", "fs_hz": 1000.0, "placements": ["soleus/left"]},
        {"quantity": "emg", "unit": "a.u.", "fs_hz": 1000.0, "placements": ["soleus/left", None]},
    ]
    entries = [
        Mark(0, "device", {"device": "ä/b", "driver": "imported"}),
        Packet("ä/b", imported.DESCRIPTION, 0, imported.description_payload(streams)),
        *(
            Packet("ä/b", str(port), 10**8 * k, imported.data_payload(100 * k, 0.1 * k, np.ones((100, port + 1))))
            for k in range(20)
            for port in (0, 1)
        ),
    ]
    found = read_signals(entries).signals
    assert [signal.name for signal in found if signal.kind == "emg"] == ["ä_b_emg", "ä_b_emg_2"]
    labels = [channel.label for signal in found for channel in signal.channels]
    assert len(set(labels)) == len(labels)
    assert [c.unit for c in found[-1].channels] == ["a.u."]  # a channel without a muscle is not filtered


def test_nothing_to_export_and_a_damaged_clock_are_one_sentence(entries):
    with pytest.raises(ExportFailed, match="no samples"):
        read_signals([Mark(0, "session", {})])
    with pytest.raises(ExportFailed, match="at most 48 h"):
        read_signals([*entries[:500], Mark(entries[0].host_ns + 200 * 3_600_000_000_000, "set_stop", {})])
