"""A full disk, one that may only be read, a drive that is gone, clocks that jump, two programs, no Bluetooth."""

import ast
import contextlib
import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from madehistory import origin, summary_of
from sqlalchemy.exc import OperationalError
from trust.session import short_session

from emgmon.errors import RecordingError, StoreError
from emgmon.model import Packet
from emgmon.runner import analyse
from emgmon.storage import recorder as recorder_module
from emgmon.storage.recorder import Recorder, write_recording
from emgmon.storage.recording import read_recording
from emgmon.storage.sessions import open_store, put_session, store

ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux' name spaces and signals")


REASONS = {
    "full": ("No space left on device", "disk is full"),
    "read-only": ("Read-only file system", "readonly", "unable to open database"),
}
"""What the system says of such a disk, and what SQLite says."""


def alone():
    """Whether a process may have file systems of its own."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode == 0  # noqa: S607


@pytest.mark.slow
@linux
@pytest.mark.parametrize("state", REASONS)
def test_a_disk_that_takes_nothing_is_one_line_and_nothing_is_left_half(state, tmp_path):
    if not alone():
        pytest.skip("no name spaces here")
    (tmp_path / "disk").mkdir()
    recording = tmp_path / "x.mcap"
    write_recording(recording, short_session())
    before = recording.read_bytes()
    command = ["unshare", "-rm", sys.executable, str(ROOT / "tests/trust/disk.py"), state]
    done = subprocess.run(  # noqa: S603 - our own words
        [*command, str(tmp_path / "disk"), str(recording)],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    *commands, recorded = [json.loads(line) for line in done.stdout.splitlines()]
    for words, code, said, left in commands:
        lines = [line for line in said.splitlines() if line.startswith(("emgmon: ", "failed "))]
        assert (code > 0, len(lines)) == (True, 1), (words, said)
        assert any(text in lines[0] for text in REASONS[state]), lines
        assert set(left) <= {"s.db", "set"}, words  # an empty store, a data set that another run goes on with
    assert REASONS[state][0] in recorded[2]
    assert recording.read_bytes() == before


class Gone:
    """A file whose drive is pulled out after so many bytes (injected: no drive can be pulled out here)."""

    def __init__(self, stream, lives):
        self._stream, self._lives = stream, lives

    def write(self, content):
        self._lives -= len(content)
        if self._lives < 0:
            raise OSError(errno.EIO, "Input/output error")
        return self._stream.write(content)

    def __getattr__(self, name):
        return getattr(self._stream, name)


def test_a_drive_that_is_gone_ends_the_recording_with_a_line_and_keeps_what_was_written(tmp_path, monkeypatch):
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode="r", **more: Gone(opened(path, mode, **more), 20_000))
    recorder = Recorder(tmp_path / "x.mcap")
    monkeypatch.undo()

    def go_on():
        for k in range(100_000):
            recorder.append(Packet("S", "p", k * 10_000_000, os.urandom(100)))

    with pytest.raises(RecordingError, match="writing failed: Input/output error; what was written before is kept"):
        go_on()
    with pytest.raises(RecordingError, match="Input/output error"):
        recorder.close()
    assert len(list(read_recording(tmp_path / "x.part.mcap"))) >= 50


def test_a_disk_that_does_not_finish_holds_back_no_writing(tmp_path, monkeypatch):
    """Whoever is killed then loses no more than with a quick disk."""
    sync, finishes = os.fsync, threading.Event()
    monkeypatch.setattr(os, "fsync", lambda descriptor: (finishes.wait(30.0), sync(descriptor)))
    with contextlib.closing(_without_folder(monkeypatch, tmp_path / "x.mcap")) as recorder:
        for k in range(501):
            recorder.append(Packet("S", "p", k * 10_000_000, b"x"))
        until_s = time.monotonic() + 20.0
        while _count(tmp_path / "x.part.mcap") < 450 and time.monotonic() < until_s:
            time.sleep(0.05)
        assert _count(tmp_path / "x.part.mcap") >= 450
        finishes.set()
    assert _count(tmp_path / "x.mcap") == 501


def _without_folder(monkeypatch, path):
    monkeypatch.setattr(recorder_module, "_sync_folder", lambda _path: None)
    return Recorder(path)


def _count(path):
    try:
        return sum(1 for _entry in read_recording(path))
    except RecordingError:
        return 0


def test_a_drive_that_is_gone_at_the_end_says_where_the_recording_is(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(errno.EIO, "Input/output error")

    recorder = Recorder(tmp_path / "x.mcap")
    recorder.append(Packet("S", "p", 1, b"x"))
    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(RecordingError, match=r"Input/output error; the recording is complete in .*x\.part\.mcap"):
        recorder.close()
    assert len(list(read_recording(tmp_path / "x.part.mcap"))) == 1


@pytest.mark.parametrize("name", ["x" * 300 + ".mcap", "a/" * 3000 + "x.mcap"])
def test_a_name_that_no_disk_takes_is_one_line(tmp_path, name):
    with pytest.raises(RecordingError, match="cannot be written"):
        Recorder(tmp_path / name)


def test_two_programs_that_record_under_one_name(tmp_path):
    with Recorder(tmp_path / "x.mcap") as first:
        with pytest.raises(RecordingError, match="is being recorded, or was when a program ended early"):
            Recorder(tmp_path / "x.mcap")
        first.append(Packet("S", "p", 1, b"first"))
    assert [entry.payload for entry in read_recording(tmp_path / "x.mcap")] == [b"first"]


def test_a_store_that_another_program_writes_is_waited_for_and_said(tmp_path, monkeypatch):
    with open_store(tmp_path / "s.db") as own:
        put_session(own, origin(1), summary_of(1))
    monkeypatch.setattr(store, "BUSY_S", 0.1)
    other = sqlite3.connect(tmp_path / "s.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with open_store(tmp_path / "s.db") as own, pytest.raises(StoreError, match="database is locked"):
        put_session(own, origin(2), summary_of(2))
    other.execute("ROLLBACK")
    other.close()
    with open_store(tmp_path / "s.db") as own:
        put_session(own, origin(2), summary_of(2))


@pytest.mark.parametrize("words", store.WORDS)
def test_what_sqlite_says_of_a_store_is_said_in_words_with_a_way_out(words, tmp_path):
    with open_store(tmp_path / "s.db") as own, pytest.raises(StoreError) as caught, own.reading():
        raise OperationalError("SELECT", {}, sqlite3.OperationalError(words))
    assert str(caught.value) == f"{tmp_path / 's.db'}: {store.WORDS[words]} ({words})"


def test_a_store_whose_names_are_no_text_is_not_sound(tmp_path):
    with open_store(tmp_path / "s.db"):
        pass
    content = (tmp_path / "s.db").read_bytes()
    assert b"CREATE TABLE " in content
    (tmp_path / "s.db").write_bytes(content.replace(b"CREATE TABLE ", b"CREATE TAB\xff\xff "))
    with pytest.raises(StoreError, match="not a sound store of sessions"):
        open_store(tmp_path / "s.db")


@pytest.mark.parametrize("jump_s", [-3600.0, -0.2, 60.0, 3600.0])
def test_a_clock_that_jumps_loses_no_entry_and_the_set_is_still_told(jump_s, tmp_path):
    """The computer's monotonic clock, injected: back by a fault of the system, forward by a suspended computer."""
    entries = short_session()
    half = len(entries) // 2
    jumped = [*entries[:half], *(replace(e, host_ns=max(0, e.host_ns + round(jump_s * 1e9))) for e in entries[half:])]
    with Recorder(tmp_path / "x.mcap") as recorder:
        for entry in jumped:
            recorder.append(entry)
    recording = read_recording(tmp_path / "x.mcap")
    assert list(recording) == jumped
    assert not recording.damage
    assert len(analyse(recording).sets) == 1


WALL = {"time.time", "datetime.now", "datetime.utcnow", "dt.datetime.now", "datetime.datetime.now", "date.today"}
"""Calls that read the clock which people and time servers set."""


def test_the_wall_clock_only_names_things():
    """A wall clock that is set anew can change no sample, no time of an entry and no result."""
    found = set()
    for path in (ROOT / "emgmon").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in WALL:
                found.add(path.relative_to(ROOT / "emgmon").parts[0])
    assert not found & {"dsp", "timing", "devices", "metrics", "pipeline", "exercise", "report", "model"}
    assert found, "nothing reads it: the test looks for the wrong names"


@pytest.mark.slow
@linux
@pytest.mark.parametrize("words", [("scan",), ("live", "--headless", "--no-store")])
def test_a_computer_without_bluetooth_is_one_line(words, tmp_path):
    nowhere = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus", "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "emgmon", *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), **nowhere},
        stdin=subprocess.DEVNULL,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("emgmon: ")]
    assert (done.returncode, len(lines)) == (1, 1), done.stderr
    assert "Bluetooth" in lines[0]
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.mcap"))
