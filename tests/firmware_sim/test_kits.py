"""Kits: who wears what, and what a host that follows each maker's book would have received."""

import inspect
from dataclasses import replace

import pytest

from firmware_sim import bridges, stream
from firmware_sim.kits import CHEST, KINDS, KITS, MOTION, OWN_KIT, Unit, Wardrobe, make, units_of
from firmware_sim.sensors.base import SimulatedSensor, Subscribe, Write
from firmware_sim.stream import HOST_EPOCH_NS, LEAD_S

SITES = {
    f"{muscle}/{side}"
    for muscle in ("gluteus_maximus", "biceps_femoris", "erector_spinae")
    for side in ("left", "right")
}


@pytest.fixture(scope="module")
def script():
    """The first six seconds of a script: enough for every conversation."""
    whole = bridges(1, seed=2)
    return replace(whole, duration_s=6.0, cues=tuple(cue for cue in whole.cues if cue.t_s < 6.0))


@pytest.fixture(scope="module")
def streams(script):
    return {kit: list(stream(script, seed=5, kit=kit)) for kit in KITS}


@pytest.fixture(scope="module")
def wardrobe(script):
    return Wardrobe(script, 1)


@pytest.mark.parametrize("kit", KITS)
def test_every_kit_covers_the_person(kit):
    worn = [place for unit in KITS[kit] for place in unit.emg if place and place != CHEST]
    assert len(set(worn)) == len(worn)
    missing = SITES - set(worn)
    assert missing == ({place for place in SITES if place.startswith("erector")} if kit == "ganglion" else set())
    assert any(unit.imu and ("sacrum" in unit.imu or "gluteus" in unit.imu) for unit in KITS[kit])
    names = [unit.name for unit in KITS[kit]]
    assert len(set(names)) == len(names)


def test_the_mixed_kit_has_four_makers():
    assert {unit.kind for unit in KITS["mixed"]} == {"umyo", "shimmer", "npg", OWN_KIT}


@pytest.mark.parametrize("kit", KITS)
def test_one_seed_gives_the_same_bytes_in_order_of_time(script, streams, kit):
    records = streams[kit]
    assert list(stream(script, seed=5, kit=kit)) == records
    times = [record.host_ns for record in records]
    assert times == sorted(times)


@pytest.mark.parametrize("kit", KITS)
def test_placements_stand_behind_the_device_mark(streams, kit):
    for unit in KITS[kit]:
        own = [
            record
            for record in streams[kit]
            if (record.device if record.tag == "packet" else record.data.get("device")) == unit.name
        ]
        assert own[0].kind == "device"
        if unit.kind == OWN_KIT:
            assert own[1].tag == "packet"
            assert "placement" not in {record.kind for record in own if record.tag == "mark"}
            continue
        assert (own[1].kind, own[2].kind) == ("placement", "connected")
        assert [record.kind for record in own if record.tag == "mark"][3:] == ["started"]
        channels = own[1].data["channels"]
        heard = {"myoware": "envelope", "polar": "ecg"}.get(unit.kind, "emg")
        assert channels.get(heard) == (list(unit.emg) or None)
        assert [channels.get(quantity) for quantity in MOTION] == [[unit.imu] if unit.imu else None] * len(MOTION)


@pytest.mark.parametrize("kit", [kit for kit in KITS if kit != OWN_KIT])
def test_what_the_host_wrote_is_recorded_in_order(streams, kit, wardrobe):
    for unit in KITS[kit]:
        book = make(unit, wardrobe, 5).book()
        wanted = [(">" + step.uuid, step.payload) for step in book if isinstance(step, Write) and step.recorded]
        written = [
            (record.port, record.payload)
            for record in streams[kit]
            if record.tag == "packet" and record.device == unit.name and record.port[0] == ">"
        ]
        assert written == wanted


@pytest.mark.parametrize("kit", KITS)
def test_all_stream_by_the_books_before_the_script_begins(streams, kit):
    begin_ns = HOST_EPOCH_NS + (LEAD_S - 0.3) * 1e9
    for unit in KITS[kit]:
        early = [r for r in streams[kit] if r.tag == "packet" and r.device == unit.name and r.host_ns < begin_ns]
        assert len(early) > 10, unit.name


def test_a_sensor_sends_the_same_alone_or_in_its_kit(script, streams):
    alone = [
        r.payload for r in stream(script, seed=5, kit="mixed", sensors=["NPG-Lite-3CH:4C:33"]) if r.tag == "packet"
    ]
    among = [r.payload for r in streams["mixed"] if r.tag == "packet" and r.device == "NPG-Lite-3CH:4C:33"]
    assert abs(len(alone) - len(among)) < 20  # connected first, it begins half a second earlier
    assert alone[1:3] == among[1:3]


def test_unknown_kits_and_sensors_are_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="there are emgmon, umyo"):
        units_of("emg", None)
    with pytest.raises(ValueError, match="there are Ganglion"):
        units_of("ganglion", ["EMG-GL"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_asked_all(wardrobe, kind):
    unit = next(unit for units in KITS.values() for unit in units if unit.kind == kind)
    sensor = make(Unit(unit.name, kind, unit.emg, unit.imu), wardrobe, 1)
    members = [name for name, _ in inspect.getmembers(SimulatedSensor) if not name.startswith("_")]
    assert all(hasattr(sensor, name) for name in (*members, *SimulatedSensor.__annotations__))
    uuids = {entry.uuid for entry in sensor.gatt_table}
    assert {step.uuid for step in sensor.book() if isinstance(step, Subscribe)} <= uuids
    assert sensor.next_due_s() is None
    assert len(sensor.advertisement().name) <= 29
    if sensor.interval_s is not None:
        assert 0.0075 <= sensor.interval_s <= 0.015
