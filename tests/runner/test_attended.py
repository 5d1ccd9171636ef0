"""A whole session conducted by words, over the virtual radio and in virtual time."""

import asyncio
import contextlib
import threading

import pytest

from emgmon.errors import PlacementError
from emgmon.model import Mark, Notice, Packet, Placement, RepClosed
from emgmon.runner import analyse
from emgmon.runner.board import RECORDING, Board
from emgmon.runner.doing import Timings
from emgmon.runner.placing import read_places
from emgmon.runner.script import read_script
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import read_recording
from firmware_sim.virtualtime import run_virtually

from .attending import attend, seen

GL = Placement("gluteus_maximus", "left")

pytestmark = [pytest.mark.slow, pytest.mark.system]


class Kept:
    """Keeps what would be recorded."""

    def __init__(self):
        self.entries, self.events = [], []

    @contextlib.contextmanager
    def open(self):
        yield self.entries.append

    def kinds(self):
        return [entry.kind for entry in self.entries if isinstance(entry, Mark)]

    def notices(self):
        return [event.text for event in self.events if isinstance(event, Notice)]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A session with sensors that bear labels."""
    kept, memory = Kept(), tmp_path_factory.mktemp("user") / "placements.toml"
    session = run_virtually(attend(kept.open, memory=memory, sink=kept.events.extend))
    return kept, session, memory


def test_all_that_the_person_did_is_a_mark(own):
    kept, _session, _memory = own
    did = [kind for kind in kept.kinds() if kind not in {"device", "connected", "started", "lost", "trouble"}]
    assert did == [
        "session",
        "pain",
        "baseline_start",
        "baseline_stop",
        *["reference_start", "reference_stop"] * 3,
        "exercise",
        "set_start",
        "set_stop",
    ]


def test_the_set_has_its_rep_and_maximal_references(own):
    kept, session, _memory = own
    summary = session.pipeline.summary()
    assert summary.simulated
    assert [len(done.reps) for done in summary.sets] == [1]
    assert summary.sets[0].kind == "T1"
    assert any(isinstance(event, RepClosed) for event in kept.events)


def test_the_recording_alone_gives_the_same_summary(own, tmp_path):
    kept, session, _memory = own
    times = [entry.host_ns for entry in kept.entries]
    assert times == sorted(times)
    write_recording(tmp_path / "a.mcap", kept.entries)
    assert repr(analyse(read_recording(tmp_path / "a.mcap"))) == repr(session.pipeline.summary())


def test_placements_are_remembered(own):
    _kept, _session, memory = own
    assert read_places(memory)["EMG-GL"] == (Placement("gluteus_maximus", "left"),)
    assert len(read_places(memory)) == 6


def test_sensors_without_a_label_are_placed_by_the_person_and_doubles_are_refused():
    """A Shimmer has two channels and no label; its second sits where another's first is said to be, then not."""
    kept, board, stop = Kept(), Board(), threading.Event()

    async def run():
        session = asyncio.create_task(attend(kept.open, board, stop, kit="shimmer", by_itself=False, places={}))
        try:
            return await conduct(session)
        finally:
            stop.set()
            await session

    async def conduct(_session):
        await seen(board, lambda view: len(view.heard) == 3)
        board.tell("connect", "\t".join(heard.name for heard in board.view.heard[:2]))
        await seen(board, lambda view: len(view.streaming) == 2)
        first, second = board.view.streaming
        board.tell("go")
        await seen(board, lambda view: "No muscle is assigned" in view.problem)
        board.tell("place", f"{first}=gluteus_maximus/left,gluteus_maximus/right")
        board.tell("place", f"{second}=-,gluteus_maximus/right")
        await seen(board, lambda view: len(view.doubles) == 1)
        board.tell("go")
        await seen(board, lambda view: "elsewhere" in view.problem)
        board.tell("place", f"{second}=-,biceps_femoris/right")
        await seen(board, lambda view: not view.doubles)
        board.tell("go")
        await seen(board, lambda view: view.stage == RECORDING)
        return first, second

    first, second = run_virtually(run())
    marks = [e.data for e in kept.entries if isinstance(e, Mark) and e.kind == "placement"]
    assert [data["device"] for data in marks] == [first, second]
    assert marks[1]["channels"]["emg"] == [None, "biceps_femoris/right"]
    after = next(i for i, e in enumerate(kept.entries) if isinstance(e, Mark) and e.kind == "placement")
    assert after == 1, "placements stand before the first packet"
    assert any(isinstance(e, Packet) for e in kept.entries)


def test_with_pain_the_light_task_is_taken():
    kept = Kept()
    run_virtually(attend(kept.open, sink=kept.events.extend, pain="4", sensors=["EMG-GL", "EMG-GR"]))
    kinds = [e.data["kind"] for e in kept.entries if isinstance(e, Mark) and e.kind == "reference_start"]
    assert kinds == ["T2"]
    assert any("No sensor sits on hamstrings" in text for text in kept.notices())


STEPS = """
rest
wait 1
cancel
rest
until idle
position G
tries G
wait 1
pause
pause
until idle
calibrate stand
wait 1
cancel
calibrate stand
until idle
calibrate hinge
wait 3
stop
skip supine
check
until idle
wait 1.5
finish
"""


def test_a_script_goes_through_all_steps_and_what_is_broken_off_counts_for_nothing(tmp_path):
    kept, board = Kept(), Board()
    path = tmp_path / "steps.txt"
    path.write_text(STEPS)
    quick = Timings(rest_s=3.0, lead_s=0.5, recover_s=0.5, check_s=3.0)
    session = run_virtually(attend(kept.open, board, sink=kept.events.extend, words=read_script(path), timings=quick))
    did = [e for e in kept.entries if isinstance(e, Mark) and e.kind not in {"device", "connected", "started", "lost"}]
    assert [mark.kind for mark in did if mark.kind != "note"] == [
        "session",
        "pain",
        "baseline_start",
        "baseline_cancel",
        "baseline_start",
        "baseline_stop",
        "reference_start",
        "reference_cancel",
        *["reference_start", "reference_stop"] * 3,
        "stand_start",
        "stand_cancel",
        "stand_start",
        "stand_stop",
        "hinge_start",
        "hinge_stop",
        "exercise",
        "set_start",
        "set_stop",
    ]
    assert [m.data["text"].partition(":")[0] for m in did if m.kind == "note"] == ["paused", "went on", "left out"]
    assert {m.data["position"] for m in did if m.kind == "reference_start"} == {"standing_squeeze"}
    view = board.view
    assert view.tries == {("G", "T1"): 3}
    assert view.outcomes.measured
    assert all(len(tries) == 3 for tries in view.outcomes.tries.values())
    assert set(view.outcomes.tries) == {GL, Placement("gluteus_maximus", "right")}
    assert set(view.outcomes.parts) == {"stand", "hinge"}
    assert view.outcomes.check is not None
    assert session.pipeline.summary().sets == (), "a check is no set"
    write_recording(tmp_path / "a.mcap", kept.entries)
    assert repr(analyse(read_recording(tmp_path / "a.mcap"))) == repr(session.pipeline.summary())


def test_the_test_contraction_and_looking_for_others_come_before_the_recording():
    kept, board, stop = Kept(), Board(), threading.Event()

    async def run():
        session = asyncio.create_task(attend(kept.open, board, stop, by_itself=False, sensors=["EMG-GL", "EMG-GR"]))
        try:
            await seen(board, lambda view: len(view.heard) == 2)
            board.tell("connect", board.view.heard[0].name)
            await seen(board, lambda view: len(view.placed) == 1)
            board.tell("search")
            await seen(board, lambda view: view.stage == "scanning" and len(view.heard) == 2)
            board.tell("connect")
            await seen(board, lambda view: len(view.placed) == 2)
            await seen(board, lambda view: len(view.outcomes.noise) == 2)
            board.tell("test")
            await seen(board, lambda view: view.squeeze is not None and view.squeeze.place is not None)
            board.tell("cancel")
            await seen(board, lambda view: view.squeeze is None)
            board.tell("test")
            await seen(board, lambda view: view.tested)
            assert [found.places[0].side for found in board.view.findings] == ["left", "right"], "nobody squeezed"
            board.tell("place", "EMG-GL=gluteus_maximus/right\tEMG-GR=gluteus_maximus/left")
            await seen(board, lambda view: {c.device: c.placement for c in view.channels}["EMG-GL"] != GL)
            assert not board.view.tested
            board.tell("go")
            await seen(board, lambda view: view.stage == RECORDING)
        finally:
            stop.set()
            await session

    run_virtually(run())
    marks = {e.data["device"]: e.data for e in kept.entries if isinstance(e, Mark) and e.kind == "placement"}
    assert marks["EMG-GL"]["channels"]["emg"] == ["gluteus_maximus/right"]


def test_nobody_to_ask_and_no_place_is_an_error_with_the_next_step():
    with pytest.raises(PlacementError, match="use --place NAME="):
        run_virtually(attend(Kept().open, kit="shimmer", places={}))
