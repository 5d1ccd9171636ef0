"""A recording is read in a thread: to its end, until it is cancelled, or as far as it is whole."""

import threading

import numpy as np
import pytest

from emgmon.errors import RecordingError
from emgmon.model import Frame, Mark, Packet, RepClosed, SetClosed, SetOpened, SetSummary, SignalSeen
from emgmon.runner.playback import Reading
from emgmon.runner.playback_raw import Spread, spreads
from emgmon.runner.tape import ROWS, Tape
from emgmon.storage.recorder import write_recording


def read(path, sink=None):
    events = []
    reading = Reading(path, sink or events.extend)
    reading.start()
    reading._thread.join(60.0)
    assert not reading.running
    return reading, events


@pytest.fixture(scope="module")
def recorded(entries, tmp_path_factory):
    path = tmp_path_factory.mktemp("recordings") / "set.mcap"
    write_recording(path, entries)
    return path


@pytest.fixture(scope="module")
def short(entries, tmp_path_factory):
    """The first rep."""
    path = tmp_path_factory.mktemp("recordings") / "short.mcap"
    stop_ns = entries[0].host_ns + 30 * 10**9
    write_recording(path, [entry for entry in entries if entry.host_ns < stop_ns])
    return path


def as_text(events):
    return [repr(event) for event in events if not isinstance(event, SignalSeen)]


@pytest.mark.slow
def test_the_events_are_those_of_the_session(recorded, told):
    reading, events = read(recorded)
    assert as_text(events) == as_text(told[0])
    assert reading.summary == told[1]
    assert reading.header["simulated"] is True
    assert (reading.error, reading.damage(), reading.cancelled) == ("", "", False)
    assert reading.share == pytest.approx(1.0, abs=0.1)
    assert reading.raw[1] == {}


def test_a_tape_gives_the_events_back(told):
    tape = Tape()
    for event in told[0]:
        tape.add(event)
    assert as_text(tape.between((0, 0), tape.end)) == as_text(told[0])
    assert tape.n_frames > 2 * ROWS  # over the edge of its blocks
    middle = tape.position(tape.end_s / 2)
    parts = [*tape.between((0, 0), middle), *tape.between(middle, tape.end)]
    assert as_text(parts) == as_text(told[0])
    assert tape.size_bytes() < 200 * (tape.n_frames + ROWS)


def test_levels_of_a_stretch_are_those_of_its_frames(told):
    tape = Tape()
    for event in told[0]:
        tape.add(event)
    time_s, level = tape.levels(25.0, 40.0)
    frames = [event for event in told[0] if isinstance(event, Frame) and 25.0 < event.t_s <= 40.0]
    assert time_s.tolist() == [frame.t_s for frame in frames]
    for place, values in level.items():
        np.testing.assert_array_equal(values, [frame.level[place] for frame in frames])


def test_sets_and_leaders_are_found(told):
    tape = Tape()
    for event in told[0]:
        tape.add(event)
    (span,) = tape.spans()
    assert span.closed is not None
    rep = next(event.summary for event in told[0] if isinstance(event, RepClosed) and event.summary.index == 6)
    counts = tape.leaders(rep.rep.start_s, rep.rep.end_s)
    frames = [e for e in told[0] if isinstance(e, Frame) and rep.rep.start_s < e.t_s <= rep.rep.end_s]
    assert counts == {who: sum(f.leader == who for f in frames) for who in {f.leader for f in frames}}
    assert counts["H"] > 0


@pytest.mark.slow
def test_cancelling_keeps_what_was_read(short):
    seen, reached = [], threading.Event()

    def sink(events):
        seen.extend(events)
        if any(isinstance(event, SetOpened) for event in events):
            reached.set()
            go_on.wait(10.0)

    go_on = threading.Event()
    reading = Reading(short, sink)
    reading.start()
    assert reached.wait(60.0)
    reading.cancel()
    go_on.set()
    reading.close()
    assert reading.cancelled
    assert not reading.running
    assert isinstance([event for event in seen if not isinstance(event, SignalSeen)][-1], SetClosed)
    assert not reading.summary.sets[0].reps


def test_closing_before_the_start_does_nothing(recorded):
    reading = Reading(recorded, lambda _events: None)
    reading.close()
    assert not reading.cancelled


@pytest.mark.slow
def test_a_damaged_recording_is_read_as_far_as_it_is_whole(short, tmp_path):
    content = bytearray(short.read_bytes())
    middle = len(content) // 3
    content[middle : middle + 3000] = bytes(3000)
    path = tmp_path / "damaged.mcap"
    path.write_bytes(content)
    reading, events = read(path)
    assert reading.damage().startswith("Not whole: ")
    assert "\n" not in reading.damage()
    assert any(isinstance(event, RepClosed) for event in events)
    assert reading.error == ""


@pytest.mark.slow
def test_a_torn_recording_closes_its_set(short, tmp_path):
    path = tmp_path / "torn.part.mcap"
    path.write_bytes(short.read_bytes()[: 9 * short.stat().st_size // 10])
    reading, events = read(path)
    assert isinstance([event for event in events if not isinstance(event, SignalSeen)][-1], SetClosed)
    assert reading.summary.sets


@pytest.mark.parametrize("content", [b"", b"a picture of a cat", b"\x89MCAP0\r\n" + bytes(200)])
def test_a_wrong_file_is_one_sentence(tmp_path, content):
    path = tmp_path / "cat.mcap"
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        Reading(path, lambda _events: None)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_channels_without_a_muscle_are_measured_as_sent(entries, tmp_path):
    """The same packets, but nobody says what the sensors are or where they sit."""
    path = tmp_path / "bare.mcap"
    begin_ns = entries[0].host_ns
    bare = [entry for entry in entries if isinstance(entry, Packet) or entry.kind in {"device", "connected"}]
    nowhere = [
        Mark(begin_ns, "placement", {"device": entry.data["device"], "channels": {"emg": [None], "imu": [None]}})
        for entry in bare
        if isinstance(entry, Mark) and entry.kind == "device"
    ]
    devices = [entry for entry in bare if isinstance(entry, Mark) and entry.kind == "device"]
    short = [entry for entry in bare if entry.host_ns < begin_ns + 8 * 10**9 and entry not in devices]
    write_recording(path, [*devices, *nowhere, *short])
    reading, events = read(path)
    assert not any(isinstance(event, Frame) for event in events)
    time_s, spread = reading.raw
    assert len(spread) == 6 * 7
    assert all(values.shape == time_s.shape for values in spread.values())
    emg = next(values for name, values in spread.items() if " emg 1" in name)
    assert np.nanmedian(emg) > 0.0


def test_spread_is_the_standard_deviation_of_each_tenth_of_a_second():
    rng = np.random.default_rng(4)
    values = 5.0 + rng.standard_normal(3000)
    values[500:700] = np.nan
    channel = Spread()
    for first in range(0, 3000, 37):
        part = np.arange(first, min(first + 37, 3000))
        channel.add((part // 100).astype(np.int64), values[part])
    expected = [np.std(values[k : k + 100]) for k in range(0, 3000, 100)]
    np.testing.assert_allclose(channel.spread(30), expected)
    assert np.isnan(channel.spread(31)[30])
    assert np.isnan(channel.spread(30)[[5, 6]]).all()


def test_an_empty_recording_has_no_channels():
    time_s, spread = spreads([])
    assert (time_s.size, spread) == (0, {})


def test_a_check_repetition_is_no_set_of_a_review():
    tape, closed = Tape(), SetSummary(1, "a", "A", 1.0, 2.0, None, None, (), (), (), ())
    for t_s, check in ((1.0, True), (3.0, False)):
        tape.add(SetOpened(t_s, 1, "a", "A", None, None, ()))
        tape.add(SetClosed(t_s + 1.0, closed, check=check))
    (span,) = tape.spans()
    assert span.opened.t_s == 3.0
