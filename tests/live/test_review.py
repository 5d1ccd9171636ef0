"""The Review page, driven as a person does."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt

from emgmon.live.review import ReviewScreen
from emgmon.live.sound import SILENT
from emgmon.live.theme import DARK, LIGHT
from emgmon.model import Mark, RepClosed, SignalSeen
from emgmon.runner.playback import Reading
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import read_recording

pytestmark = [pytest.mark.qt, pytest.mark.slow]

RECORDINGS = Path(__file__).parents[2] / "recordings"


@pytest.fixture(scope="module")
def read_once():
    """What reading the clean recording tells, so that it need not be analysed for each test."""
    told = []
    reading = Reading(RECORDINGS / "bridges-clean.mcap", lambda events: told.append(list(events)))
    reading._run()
    return told, dict(reading.header)


@pytest.fixture
def page(qtbot, read_once, monkeypatch):
    """The page with the clean recording, read."""
    told, header = read_once

    def run(self):
        self.header = header
        for events in told:
            self._sink(events)

    monkeypatch.setattr(Reading, "_run", run)
    made = shown(qtbot)
    made.open(RECORDINGS / "bridges-clean.mcap")
    qtbot.waitUntil(lambda: made.review.shown is not None and not made.review.reading.running, timeout=20_000)
    made._tick()
    yield made
    made.close_recording()


def shown(qtbot) -> ReviewScreen:
    made = ReviewScreen(DARK, sound=SILENT)
    qtbot.addWidget(made)
    made.resize(1280, 720)
    made.show()
    return made


def click(qtbot, widget, t_s, page, modifier=Qt.KeyboardModifier.NoModifier):
    bar = page.sheet.controls.bar
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, modifier, QPoint(round(bar.place_of(t_s)), 20))


def test_an_empty_page_says_how_a_recording_is_opened(qtbot):
    page = shown(qtbot)
    assert page.sheet.none.isVisible()
    assert page.sheet.how.text() == "Open a recording (O), or drop one here."
    assert not page.sheet.controls.isVisible()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_C, Qt.Key.Key_L, Qt.Key.Key_PageDown):
        assert not page.press(key)


def test_opening_shows_the_set(page):
    sheet = page.sheet
    assert sheet.title.text() == "Glute bridge, set 1"
    for part in ("6 reps", "on target", "median glute share", "simulated", "bridges-clean.mcap", "Jan 2026"):
        assert part in sheet.subtitle.text()
    assert sheet.doubts.text() == ""
    assert not sheet.cancel.isVisible()
    assert len(sheet.controls.bar.passage.blocks) == 6
    assert [row.title for row in sheet.traces.picture.rows] == ["Glutes", "Hamstrings", "Back"]
    assert len(set(sheet.traces.picture.tops)) == 1
    assert sheet.starts.isVisible()
    assert [start.group for start in sheet.starts.starts] == ["G", "H", "E"]


def test_space_plays_and_pauses(page, qtbot):
    before_s = page.review.playing.at_s
    qtbot.keyClick(page, Qt.Key.Key_Space)
    assert page.review.playing.runs
    assert page.sheet.controls.play.accessibleName() == "Pause (Space)"
    qtbot.waitUntil(lambda: page.review.playing.at_s > before_s + 0.1, timeout=10_000)
    qtbot.keyClick(page, Qt.Key.Key_Space)
    stood_s = page.review.playing.at_s
    qtbot.wait(60)
    assert page.review.playing.at_s == stood_s
    assert page.sheet.ring.at_s == stood_s


def test_seeking_while_it_plays(page, qtbot):
    qtbot.mouseClick(page.sheet.controls.play, Qt.MouseButton.LeftButton)
    block = page.review.shown.blocks[4]
    click(qtbot, page.sheet.controls.bar, block.start_s + 1.5, page)
    assert page.review.playing.runs
    assert page.review.playing.at_s == pytest.approx(block.start_s + 1.5, abs=0.3)
    at_s = page.review.playing.at_s
    state, _ = page.review.course.state_at(at_s)
    assert page.sheet.ring.state.frame.t_s == pytest.approx(state.frame.t_s)
    assert len(page.sheet.ring.state.reps) == 4
    qtbot.waitUntil(lambda: page.review.playing.at_s > at_s + 0.1, timeout=10_000)
    click(qtbot, page.sheet.controls.bar, page.review.shown.blocks[0].start_s + 1.0, page)
    assert len(page.sheet.ring.state.reps) == 0


def test_dragging_follows_the_mouse(page, qtbot):
    bar = page.sheet.controls.bar
    middle_s = (page.review.shown.start_s + page.review.shown.stop_s) / 2
    qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(bar.place_of(middle_s)), 100))
    qtbot.mouseMove(bar, QPoint(round(bar.place_of(middle_s + 8.0)), 100))
    assert page.review.playing.at_s == pytest.approx(middle_s + 8.0, abs=0.2)
    qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(100_000, 100))
    qtbot.mouseClick(page.sheet.traces, Qt.MouseButton.LeftButton, pos=QPoint(page.sheet.traces.width() // 2, 200))
    begin_s, end_s = page.sheet.traces.window_s
    assert begin_s < page.review.playing.at_s < end_s


def test_stepping_by_rep_and_by_second(page, qtbot):
    starts_s = [block.start_s for block in page.review.shown.blocks]
    assert page.review.playing.at_s == starts_s[0]
    qtbot.keyClick(page, Qt.Key.Key_Right)
    qtbot.keyClick(page, Qt.Key.Key_Right)
    assert page.review.playing.at_s == starts_s[2]
    qtbot.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert page.review.playing.at_s == pytest.approx(starts_s[2] + 1.0)
    qtbot.keyClick(page, Qt.Key.Key_Left)
    assert page.review.playing.at_s == starts_s[2]
    qtbot.keyClick(page, Qt.Key.Key_Left)
    assert page.review.playing.at_s == starts_s[1]
    qtbot.keyClick(page, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert page.review.playing.at_s == pytest.approx(starts_s[1] - 1.0)
    qtbot.keyClick(page, Qt.Key.Key_End)
    qtbot.keyClick(page, Qt.Key.Key_Right)
    assert page.review.playing.at_s == starts_s[-1]
    qtbot.keyClick(page, Qt.Key.Key_Home)
    qtbot.keyClick(page, Qt.Key.Key_Left)
    assert page.review.playing.at_s == starts_s[0]


def test_a_loop_stays_in_its_rep_and_moves_with_the_cursor(page, qtbot):
    qtbot.keyClick(page, Qt.Key.Key_Right)
    qtbot.keyClick(page, Qt.Key.Key_L)
    block = page.review.shown.blocks[1]
    assert page.sheet.controls.loop.isChecked()
    assert page.review.playing.looped_s == pytest.approx((block.start_s - 0.3, block.stop_s + 0.3))
    page.set_running(True)
    page.go(block.stop_s + 0.2)
    assert page.sheet.controls.bar.looped == 2
    page.review.advance(0.2)
    assert page.review.playing.at_s == pytest.approx(block.start_s - 0.3)
    page.step(2)
    assert page.review.playing.looped_s[0] < page.review.shown.blocks[2].start_s < page.review.playing.looped_s[1]
    qtbot.keyClick(page, Qt.Key.Key_L)
    assert page.review.playing.looped_s is None


def test_two_reps_are_laid_over_each_other(page, qtbot):
    page.step(5)
    qtbot.keyClick(page, Qt.Key.Key_C)
    sheet = page.sheet
    assert (sheet.overlay.isVisible(), sheet.pair.isVisible(), sheet.traces.isVisible()) == (True, True, False)
    assert (sheet.pair.pair.this, sheet.pair.pair.that) == (6, 1)
    assert [title for title, _begin, _end in sheet.overlay.pair.bounds] == ["lift", "hold", "lower"]
    assert sheet.pair.pair.lines[0].startswith("Glute share ")
    qtbot.keyClick(page, Qt.Key.Key_Down)
    assert sheet.pair.pair.that == 2
    click(qtbot, sheet.controls.bar, page.review.shown.blocks[3].start_s + 1.0, page, Qt.KeyboardModifier.ShiftModifier)
    assert (sheet.pair.pair.this, sheet.pair.pair.that) == (6, 4)
    block = page.review.shown.blocks[5]
    page.go(block.hold_s[0])
    assert sheet.overlay.at == pytest.approx(sheet.overlay.pair.bounds[0][2])
    qtbot.keyClick(page, Qt.Key.Key_C)
    assert (sheet.overlay.isVisible(), sheet.traces.isVisible()) == (False, True)


def test_pace_by_key_and_by_button(page, qtbot):
    for key, speed in ((Qt.Key.Key_Plus, 2.0), (Qt.Key.Key_Plus, 4.0), (Qt.Key.Key_Minus, 2.0)):
        qtbot.keyClick(page, key)
        assert page.review.playing.speed == speed
    qtbot.mouseClick(page.sheet.controls.speeds[0.25], Qt.MouseButton.LeftButton)
    assert page.review.playing.speed == 0.25
    assert [speed for speed, made in page.sheet.controls.speeds.items() if made.isChecked()] == [0.25]
    qtbot.keyClick(page, Qt.Key.Key_Minus)
    assert page.review.playing.speed == 0.25


def test_the_wheel_zooms_around_the_cursor(page):
    page.go(40.0)
    before_s = page.sheet.traces.window_s
    page.sheet.traces.zoom(0.5)
    begin_s, end_s = page.sheet.traces.window_s
    assert end_s - begin_s == pytest.approx(0.5 * (before_s[1] - before_s[0]))
    assert begin_s < 40.0 < end_s
    for _ in range(30):
        page.sheet.traces.zoom(1.25)
    begin_s, end_s = page.sheet.traces.window_s
    assert (begin_s, end_s) == (page.review.shown.start_s, page.review.shown.stop_s)


def test_every_state_can_be_painted_in_both_themes(page):
    for theme in (LIGHT, DARK):
        page.set_theme(theme)
        for size in ((1920, 984), (1280, 640), (700, 900)):
            page.resize(*size)
            page.set_comparing(True)
            assert not page.grab().isNull()
            page.set_comparing(False)
            assert not page.grab().isNull()


def test_controls_have_names(page):
    controls = page.sheet.controls
    parts = (*controls.speeds.values(), controls.loop, controls.both, controls.sound, controls.play, controls.bar)
    assert all(part.accessibleName() for part in (*parts, page.sheet.traces, page.sheet.ring, page.sheet.starts))


def test_opening_another_recording_lets_go_of_the_first(page, qtbot):
    first = page.review.reading
    page.set_comparing(True)
    page.open(RECORDINGS / "bridges-faults.mcap")
    assert not first.running
    assert page.review.shown is None
    assert page.sheet.none.text() == "Reading the recording"
    qtbot.waitUntil(lambda: page.review.shown is not None, timeout=20_000)
    assert page.review.other == 0


def test_a_wrong_file_is_one_sentence_and_keeps_what_is_open(page, tmp_path):
    path = tmp_path / "cat.mcap"
    path.write_bytes(b"a picture of a cat")
    page.open(path)
    assert page.sheet.doubts.text().startswith("Cannot be opened: ")
    assert "not an emgmon recording" in page.sheet.doubts.text()
    assert page.sheet.title.text() == "Glute bridge, set 1"
    page.go(40.0)
    assert page.review.playing.at_s == 40.0


def test_a_wrong_file_on_an_empty_page(qtbot, tmp_path):
    page = shown(qtbot)
    page.open(tmp_path / "nowhere.mcap")
    assert "cannot be opened" in page.sheet.doubts.text()
    assert page.sheet.none.text() == "No recording is open"


def test_a_damaged_recording_says_so_in_one_line(qtbot, tmp_path):
    content = bytearray((RECORDINGS / "bridges-clean.mcap").read_bytes())
    content[len(content) // 4 : len(content) // 4 + 2000] = bytes(2000)
    path = tmp_path / "damaged.mcap"
    path.write_bytes(content[: len(content) // 2])
    page = shown(qtbot)
    page.open(path)
    qtbot.waitUntil(lambda: page.review.shown is not None and not page.review.reading.running, timeout=60_000)
    page._tick()
    assert page.sheet.doubts.text().startswith("Not whole: ")
    assert page.sheet.title.text() == "Glute bridge, set 1"
    page.close_recording()


@pytest.fixture(scope="module")
def beginning():
    """The entries of the first 21 seconds: rest, references, the begin of a set."""
    entries = list(read_recording(RECORDINGS / "bridges-clean.mcap"))
    return [entry for entry in entries if entry.host_ns < entries[0].host_ns + 21 * 10**9]


def opened(qtbot, path, entries) -> ReviewScreen:
    write_recording(path, entries)
    page = shown(qtbot)
    page.open(path)
    qtbot.waitUntil(lambda: not page.review.reading.running, timeout=60_000)
    page._tick()
    return page


def kept(entries, *but):
    return [entry for entry in entries if not (isinstance(entry, Mark) and entry.kind in but)]


def test_a_recording_without_a_set_is_shown_from_end_to_end(qtbot, beginning, tmp_path):
    page = opened(qtbot, tmp_path / "a.mcap", kept(beginning, "set_start", "set_stop"))
    assert page.sheet.title.text() == "No set in this recording"
    assert "A set begins when" in page.sheet.doubts.text()
    assert page.sheet.traces.isVisible()
    assert not page.sheet.starts.isVisible()
    assert page.sheet.traces.window_s == pytest.approx((0.0, 21.0), abs=0.5)
    assert page.sheet.traces.picture.legend.startswith("µV")  # most of it is before the references
    before_s = page.review.playing.at_s
    for key in (Qt.Key.Key_C, Qt.Key.Key_L, Qt.Key.Key_PageDown, Qt.Key.Key_Up):
        qtbot.keyClick(page, key)
    assert (page.review.other, page.review.loops) == (0, False)
    qtbot.keyClick(page, Qt.Key.Key_Right)
    assert page.review.playing.at_s > before_s
    assert not page.grab().isNull()


def test_channels_without_a_muscle_are_still_seen(qtbot, beginning, tmp_path):
    devices = [entry for entry in beginning if isinstance(entry, Mark) and entry.kind == "device"]
    nowhere = {"emg": [None], "imu": [None]}
    marks = [Mark(e.host_ns, "placement", {"device": e.data["device"], "channels": nowhere}) for e in devices]
    bare = kept(beginning, "placement", "device", "set_start", "session")
    page = opened(qtbot, tmp_path / "b.mcap", [*devices, *marks, *bare])
    assert "No channel has a muscle's name" in page.sheet.doubts.text()
    titles = [row.title for row in page.sheet.traces.picture.rows]
    assert [title.split()[1] for title in titles[:6]] == ["emg"] * 6
    assert "34 more not shown" in page.sheet.traces.picture.legend
    assert not page.grab().isNull()


def test_a_recording_of_nothing_says_so(qtbot, beginning, tmp_path):
    page = opened(qtbot, tmp_path / "c.mcap", [entry for entry in beginning if isinstance(entry, Mark)][:1])
    assert page.sheet.none.text() == "No set in this recording"
    assert page.sheet.doubts.text() == "There is no signal in it."
    assert not page.sheet.controls.isVisible()
    assert not page.press(Qt.Key.Key_Space)


def test_sets_can_be_seen_before_all_is_read_and_reading_can_be_cancelled(qtbot, read_once, monkeypatch):
    told, header = read_once
    go_on = threading.Event()

    def run(self):
        self.header = header
        for events in told:
            self._sink(events)
        while not self._stop.wait(0.01) and not go_on.is_set():
            pass

    monkeypatch.setattr(Reading, "_run", run)
    page = shown(qtbot)
    page.open(RECORDINGS / "bridges-clean.mcap")
    qtbot.waitUntil(lambda: page.review.shown is not None, timeout=20_000)
    assert page.review.reading.running
    assert page.sheet.doubts.text().startswith("Reading: ")
    assert page.sheet.cancel.isVisible()
    page.go(45.0)
    assert page.sheet.ring.state.frame.t_s == pytest.approx(45.0, abs=0.03)
    qtbot.mouseClick(page.sheet.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.review.reading.running, timeout=10_000)
    page._tick()
    assert page.sheet.doubts.text().startswith("Reading was cancelled")
    assert not page.sheet.cancel.isVisible()


def test_closing_while_it_reads_ends_the_thread(qtbot):
    page = shown(qtbot)
    page.open(RECORDINGS / "bridges-clean.mcap")
    reading = page.review.reading
    assert reading.running
    page.close_recording()
    assert not reading.running
    page.close()


def test_going_to_another_page_pauses(page):
    page.set_running(True)
    page.hide()
    assert not page.review.playing.runs


def test_what_is_heard_is_what_is_played(qtbot, page, monkeypatch):
    pushed, begun = [], []

    class Deaf:
        def __init__(self, *_):
            self.muted = False

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def push(self, events):
            pushed.extend(events)

        def begin_at(self, state):
            begun.append(state)

    monkeypatch.setattr("emgmon.live.review_listening.Player", Deaf)
    page.step(1)
    page.set_running(True)
    assert (pushed, begun) == ([], [])
    qtbot.keyClick(page, Qt.Key.Key_M)
    assert page.sheet.controls.sound.isChecked()
    assert begun[-1].frame == page.review.playing.state.frame
    assert begun[-1] is not page.review.playing.state
    at_s = page.review.playing.at_s
    qtbot.waitUntil(lambda: page.review.playing.at_s > at_s + 0.2, timeout=10_000)
    page.set_speed(8.0)
    assert begun[-1].frame is None
    there_s = page.review.playing.at_s
    told = [event.t_s for event in pushed if not isinstance(event, SignalSeen | RepClosed)]
    assert told == sorted(told)
    assert all(at_s <= t_s <= there_s for t_s in told)
    assert len(told) == pytest.approx((there_s - at_s) / 0.02, abs=2)
    pushed.clear()
    qtbot.wait(60)
    assert pushed == []
