"""Taking entries at once gives the summary of a live session, to the last bit."""

from itertools import islice
from pathlib import Path

import pytest
from simulated import entries_of, script_of

from emgmon.model import Mark, Packet, SignalSeen
from emgmon.pipeline import Pipeline
from emgmon.pipeline.sensors import Sensors
from emgmon.report import session_json
from emgmon.storage.recording import read_recording
from firmware_sim import Faults, Window

FAULTS = {
    "clean": Faults(),
    "loss and rubbish": Faults(loss_share=0.02, corrupt_share=0.01),
    "a sensor goes away": Faults(outages=(Window("EMG-HL", 20.0, 3.0), Window("EMG-GL", 22.0, 6.0))),
}

RECORDINGS = Path(__file__).parents[2] / "recordings"


def fed(entries):
    pipeline = Pipeline()
    for entry in entries:
        pipeline.feed(entry)
    pipeline.close()
    return repr(session_json(pipeline.summary()))


def taken(*parts):
    pipeline = Pipeline()
    for part in parts:
        pipeline.take(part)
    pipeline.close()
    return repr(session_json(pipeline.summary()))


def test_however_many_ticks_are_put_off(monkeypatch):
    entries = entries_of(script_of(1, seed=3), seed=3, sensors=["EMG-GL", "EMG-HL"], faults=FAULTS["loss and rubbish"])
    expected = fed(entries)
    for most_ticks in (0, 17, 700, 10**6):
        monkeypatch.setattr("emgmon.pipeline.ticking.MOST_TICKS", most_ticks)
        assert taken(entries[:2000], *([entry] for entry in entries[2000:2400]), entries[2400:]) == expected


@pytest.mark.parametrize("name", FAULTS)
def test_all_at_once_and_in_parts(name):
    entries = entries_of(script_of(1, seed=3), seed=3, sensors=["EMG-GL", "EMG-HL"], faults=FAULTS[name])
    expected = fed(entries)
    assert name != "clean" or "'reps': [{" in expected
    assert taken(entries) == expected
    third = len(entries) // 3
    assert taken(entries[:third], entries[third : third + 1], entries[third + 1 :]) == expected


def test_a_sensor_that_is_put_elsewhere_or_comes_late():
    """Packets of one sensor begin inside the set, and another one is said to sit elsewhere there."""
    entries = entries_of(script_of(1, seed=3), seed=3, sensors=["EMG-GL", "EMG-HL", "EMG-HR"])
    start = next(k for k, e in enumerate(entries) if isinstance(e, Mark) and e.kind == "set_start")
    late = [e for k, e in enumerate(entries) if k > start + 300 or not (isinstance(e, Packet) and e.device == "EMG-HR")]
    moved = Mark(late[start].host_ns, "placement", {"device": "EMG-HL", "channels": {"emg": ["biceps_femoris/right"]}})
    late.insert(start + 100, Mark(late[start + 100].host_ns, moved.kind, moved.data))
    assert taken(late) == fed(late)


def test_whoever_is_asked_first_whether_a_tick_is_due(monkeypatch):
    heard = list(islice(read_recording(RECORDINGS / "bridges-faults.mcap"), 3000))
    hinted, plainly, asked = Pipeline(), Pipeline(), []
    lag = Sensors.lag

    def noted(sensors, until_s, t_s):
        asked.append(lag(sensors, until_s, t_s))
        return asked[-1] and sensors is hinted._sensors

    monkeypatch.setattr(Sensors, "lag", noted)
    for entry in heard:
        found, expected = (
            [repr(event) for event in pipeline.feed(entry) if not isinstance(event, SignalSeen)]
            for pipeline in (hinted, plainly)
        )
        assert found == expected
    assert 1000 < sum(asked) < len(asked)
