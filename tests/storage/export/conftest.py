"""One clean session, and one whose left hamstring sensor is lost for three seconds."""

from dataclasses import replace

import pytest
from simulated import entries_of, script_of

from emgmon.storage.export import export, format_named
from emgmon.storage.signals import read_signals
from firmware_sim import Faults, Window

LOST_S = 3.0


@pytest.fixture(scope="session")
def clean():
    return read_signals(entries_of(script_of(1, seed=3), seed=3, sensors=("EMG-GL", "EMG-HR")))


@pytest.fixture(scope="session")
def lossy():
    script = script_of(2, seed=6)
    outage = Window("EMG-HL", script.reps[0].start_s, LOST_S)
    sensors = ("EMG-GL", "EMG-HL", "EMG-EL")
    return read_signals(entries_of(script, seed=6, faults=Faults(outages=(outage,)), sensors=sensors))


@pytest.fixture(scope="session")
def lossy_raw(lossy):
    return replace(lossy, signals=tuple(signal for signal in lossy.signals if signal.kind in {"emg", "imu"}))


@pytest.fixture
def written(tmp_path):
    """Write signals in a format; returns the path and what was said."""

    def write(signals, name):
        kind = format_named(name)
        out = tmp_path / f"out{kind.ending}"
        return out, export(signals, kind, out)

    return write
