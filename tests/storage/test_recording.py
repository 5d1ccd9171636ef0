"""Recordings: what is written is read, also after a tear, a flipped bit or a kill."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.errors import RecordingError
from emgmon.model import Mark, Packet
from emgmon.storage import container
from emgmon.storage.recorder import EntryWriter, Recorder, write_recording
from emgmon.storage.recording import from_text, read_recording, to_text

FILES = Path(__file__).parent / "formats"

ENTRIES = [
    Mark(1_000_000_000, "session", {"simulated": True, "name": "ä\n'\""}),
    *(
        entry
        for k in range(1000)
        for entry in (
            Packet(
                "EMG-GL", "c3310004-2714-438a-ab5f-5cbde8590098", 1_000_000_000 + k * 10_000_000, bytes([k % 256]) * 64
            ),
            Packet("a/b", "adv", 1_000_000_001 + k * 10_000_000, b""),
        )
    ),
    Mark(12_000_000_000, "set_stop", {}),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("recording") / "set.mcap"
    write_recording(path, ENTRIES)
    return path


def test_what_is_written_is_read(path):
    recording = read_recording(path)
    assert list(recording) == ENTRIES
    assert recording.damage == []
    assert recording.read_share > 0.8


def test_another_program_can_read_it(path):
    from mcap.reader import make_reader  # noqa: PLC0415 - the container's own reader, as a stranger would use it

    with path.open("rb") as stream:
        messages = [message for _schema, _channel, message in make_reader(stream).iter_messages()]
    assert sum(len(message.data) == 64 for message in messages) == 1000


def test_a_file_torn_at_any_place_gives_what_was_before(path, tmp_path):
    data = path.read_bytes()
    rng = random.Random(7)  # noqa: S311 - not for secrets
    for cut in sorted({rng.randrange(80, len(data)) for _ in range(120)}):
        torn = tmp_path / "torn.mcap"
        torn.write_bytes(data[:cut])
        recording = read_recording(torn)
        found = list(recording)
        assert found == ENTRIES[: len(found)]
        if len(found) < len(ENTRIES):
            assert recording.damage, cut


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_flipped_bit_is_found_or_harmless_never_silent(path, tmp_path_factory, data):
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(80, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    flipped = tmp_path_factory.mktemp("flip") / "flipped.mcap"
    flipped.write_bytes(content)
    recording = read_recording(flipped)
    found = list(recording)
    rest = iter(ENTRIES)
    assert all(entry in rest for entry in found), "an entry was changed, doubled or moved"
    if len(found) < len(ENTRIES):
        assert recording.damage
        assert len(found) > 0.85 * len(ENTRIES)


def test_damage_in_the_first_chunk_costs_only_that(path, tmp_path):
    content = bytearray(path.read_bytes())
    content[120:160] = bytes(40)
    broken = tmp_path / "broken.mcap"
    broken.write_bytes(content)
    recording = read_recording(broken)
    found = list(recording)
    assert recording.damage
    assert found[0] == ENTRIES[0], "the session comes back from its copy"
    assert found[2:] == ENTRIES[-len(found) + 2 :]
    assert len(found) > 0.9 * len(ENTRIES)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"hello", "not an emgmon recording"), (bytes(range(256)) * 20, "not an emgmon recording")],
)
def test_what_is_no_recording_is_refused_in_one_line(tmp_path, content, words):
    path = tmp_path / "x.mcap"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=words) as raised:
        read_recording(path)
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("version", [2, 10])
def test_a_newer_format_is_refused_with_what_to_do(tmp_path, version):
    path = tmp_path / "new.mcap"
    path.write_bytes(container.header(version) + b"whatever it has")
    with pytest.raises(RecordingError, match=f"format {version} by a newer emgmon; update emgmon"):
        read_recording(path)


def test_a_damaged_format_number_is_not_a_newer_format(path, tmp_path):
    broken = tmp_path / "broken.mcap"
    broken.write_bytes(path.read_bytes().replace(b"emgmon/1", b"emgmon/3"))
    recording = read_recording(broken)
    assert list(recording) == ENTRIES
    assert recording.damage == ["the first bytes of the file are damaged"]


@pytest.mark.parametrize("name", ["format-1-early.mcap", "format-1.mcap"])
def test_every_format_ever_written_is_read(name):
    """The file beside each is what it holds, as text."""
    recording = read_recording(FILES / name)
    assert to_text(recording) == (FILES / name).with_suffix(".tsv").read_text("utf-8")
    assert recording.damage == []


@pytest.mark.parametrize(
    ("start_ns", "stop_ns"), [(None, 2 * 10**9), (5 * 10**9, 5_300_000_000), (10**10, None), (0, 9)]
)
def test_a_window_holds_what_was_recorded_then(path, tmp_path, start_ns, stop_ns):
    torn = tmp_path / "torn.part.mcap"
    torn.write_bytes(path.read_bytes()[:-40])
    wanted = [e for e in ENTRIES if (start_ns or 0) <= e.host_ns < (stop_ns or 1 << 62)]
    for recording in (read_recording(path), read_recording(torn)):
        assert list(recording.entries(start_ns, stop_ns)) == wanted
        assert recording.span_ns() == (ENTRIES[0].host_ns, ENTRIES[-1].host_ns)


def test_a_window_reads_only_what_it_needs(path):
    recording = read_recording(path)
    reads = []
    original = container.chunk_at
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(container, "chunk_at", lambda *a: reads.append(a) or original(*a))
        assert list(recording.entries(5 * 10**9, 6 * 10**9))
    assert len(reads) <= 4


NAMES = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
JSON = st.dictionaries(
    NAMES,
    st.none() | st.booleans() | st.integers() | NAMES | st.lists(st.floats(allow_nan=False, allow_infinity=False)),
)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.builds(Packet, NAMES, NAMES, st.integers(0, (1 << 64) - 1), st.binary(max_size=30))
        | st.builds(
            Mark, st.integers(0, (1 << 64) - 1), NAMES.filter(lambda kind: kind not in {"channels", "kept"}), JSON
        ),
        max_size=12,
    )
)
def test_any_entries_survive_text_and_file(tmp_path_factory, entries):
    assert list(from_text(to_text(entries))) == entries
    path = tmp_path_factory.getbasetemp() / "hypothesis.mcap"
    with path.open("wb") as stream:
        writer = EntryWriter(stream)
        for entry in entries:
            writer.append(entry)
        writer.finish()
    recording = read_recording(path)
    assert list(recording) == entries
    assert recording.damage == []


def test_text_has_comments_and_names_a_wrong_line():
    text = "# a capture\r\n\n5\tA\tp\t0aff\r\n6\t#\tnote\t{}\n"
    assert list(from_text(text)) == [Packet("A", "p", 5, b"\x0a\xff"), Mark(6, "note", {})]
    for wrong in ("5\tA\tp", "x\tA\tp\t00", "5\tA\tp\t0", "5\t#\tnote\t[1", "5\t#\tnote\t3"):
        with pytest.raises(RecordingError, match=r"capture\.tsv, line 2: not an entry"):
            list(from_text(f"\n{wrong}\n", "capture.tsv"))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (Mark(1, "x", {"a": object()}), "not JSON"),
        (Mark(1, "x", {"a": float("nan")}), "not JSON"),
        (Mark(-1, "x", {}), "does not fit"),
        (Packet("a", "b", 1 << 64, b""), "does not fit"),
        (Packet("a", "b", 1, bytes((32 << 20) + 1)), "does not fit"),
    ],
)
def test_what_could_not_be_read_is_not_written(tmp_path, entry, words):
    with pytest.raises(RecordingError, match=words):
        write_recording(tmp_path / "x.mcap", [entry])
    recorder = Recorder(tmp_path / "y.mcap")
    for item in (ENTRIES[0], entry, ENTRIES[1]):
        recorder._queue.put(item)
    with pytest.raises(RecordingError, match=words):
        recorder.close()
    assert list(read_recording(tmp_path / "y.part.mcap")) == ENTRIES[:2]


def test_a_recording_that_appeared_meanwhile_is_not_written_over(tmp_path):
    recorder = Recorder(tmp_path / "x.mcap")
    (tmp_path / "x.mcap").write_text("mine")
    with pytest.raises(RecordingError, match="exists by now; the recording is complete in"):
        recorder.close()
    assert (tmp_path / "x.mcap").read_text() == "mine"


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.mcap", tmp_path):
        with pytest.raises(RecordingError, match="cannot be opened"):
            read_recording(path)


@given(st.binary(max_size=400))
def test_totality_any_bytes_after_the_magic(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.mcap"
    path.write_bytes(b"\x89MCAP0\r\n" + b"\x01\x17\0\0\0\0\0\0\0\x08\0\0\0emgmon/1\x06\0\0\0emgmon" + content)
    recording = read_recording(path)
    assert all(isinstance(entry, Packet | Mark) for entry in recording)


def test_recorder_writes_while_it_runs_and_renames_at_the_end(tmp_path):
    path = tmp_path / "deep" / "set.mcap"
    with Recorder(path) as recorder:
        for entry in ENTRIES:
            recorder.append(entry)
        deadline = time.monotonic() + 5
        while recorder.part_path.stat().st_size < 5000 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(list(read_recording(recorder.part_path))) > 500
        assert not path.exists()
    assert list(read_recording(path)) == ENTRIES
    assert not recorder.part_path.exists()


def test_recorder_never_writes_over_a_recording(path):
    with pytest.raises(RecordingError, match="exists already"):
        Recorder(path)
    with pytest.raises(RecordingError, match=r"ends in \.mcap"):
        Recorder(path.with_suffix(".txt"))


def test_recorder_says_where_it_cannot_write(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(RecordingError, match="cannot be written"):
        Recorder(blocked / "set.mcap")


FULL = """
import resource, signal, sys
from pathlib import Path
from emgmon.errors import RecordingError
from emgmon.model import Packet
from emgmon.storage.recorder import Recorder
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
import random
try:
    with Recorder(Path(sys.argv[1])) as recorder:
        for k in range(5000):
            recorder.append(Packet("S", "p", k * 10_000_000, random.randbytes(200)))
except RecordingError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit there")
def test_a_full_disk_reaches_whoever_records_and_keeps_what_was_written(tmp_path):
    path = tmp_path / "set.mcap"
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True)  # noqa: S603
    assert "set.part.mcap: writing failed: File too large; what was written before is kept there" in done.stdout
    assert len(list(read_recording(path.with_suffix(".part.mcap")))) >= 50


def test_write_recording_leaves_nothing_behind_when_its_source_fails(tmp_path):
    def broken():
        yield ENTRIES[0]
        raise ValueError("source")

    with pytest.raises(ValueError, match="source"):
        write_recording(tmp_path / "x.mcap", broken())
    assert list(tmp_path.iterdir()) == []


KILLED = """
import sys, time
from pathlib import Path
from emgmon.model import Packet
from emgmon.storage.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]))
k = 0
while True:
    now = time.monotonic_ns()
    recorder.append(Packet("S", "p", now, k.to_bytes(8, "little") + now.to_bytes(8, "little") + bytes(200)))
    k += 1
    print(k, now, flush=True)
    time.sleep(0.002)
"""


@pytest.mark.slow
def test_kill_loses_at_most_one_second(tmp_path):
    path = tmp_path / "killed.mcap"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)  # noqa: S603
    last_ns = 0
    began = None
    for line in process.stdout:
        last_ns = int(line.split()[1])
        began = began or last_ns
        if last_ns - began > 2.3e9:
            break
    process.kill()
    process.wait()
    process.stdout.close()
    found = list(read_recording(path.with_suffix(".part.mcap")))
    numbers = [int.from_bytes(entry.payload[:8], "little") for entry in found]
    assert numbers == list(range(len(numbers)))
    assert (last_ns - found[-1].host_ns) * 1e-9 < 1.0
