"""Taking entries at once gives the summary of a live session, to the last bit."""

import pytest
from simulated import entries_of, script_of

from emgmon.model import Mark, Packet
from emgmon.pipeline import Pipeline
from emgmon.report import session_json
from firmware_sim import Faults, Window

FAULTS = {
    "clean": Faults(),
    "loss and rubbish": Faults(loss_share=0.02, corrupt_share=0.01),
    "a sensor goes away": Faults(outages=(Window("EMG-HL", 20.0, 3.0), Window("EMG-GL", 22.0, 6.0))),
}


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
