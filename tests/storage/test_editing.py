"""A part of a recording, two in a row, one without a name: the analysis still finds what it found before."""

from dataclasses import replace

import pytest
from simulated import entries_of, script_of

import firmware_sim
from emgmon.cli import main
from emgmon.errors import RecordingError
from emgmon.model import Mark, Packet
from emgmon.runner import analyse
from emgmon.storage.copies import Copies
from emgmon.storage.editing import Anonymiser, merge, trim
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import read_recording, to_text


@pytest.fixture
def written(tmp_path):
    def written(entries, name="x.mcap"):
        write_recording(tmp_path / name, entries)
        return read_recording(tmp_path / name)

    return written


@pytest.fixture(scope="module")
def recording(entries, tmp_path_factory):
    path = tmp_path_factory.mktemp("editing") / "set.mcap"
    write_recording(path, entries)
    return read_recording(path)


def shares(summary):
    return [rep.value("share_glute", "hold") for rep in summary.sets[-1].reps]


def signal(entries):
    return [(e.port, e.payload) for e in entries if isinstance(e, Packet)]


@pytest.mark.slow
def test_a_part_gives_the_reps_that_lie_in_it(recording, entries, summary):
    reps = summary.sets[0].reps
    from_s, to_s = reps[2].rep.end_s + 0.5, reps[4].rep.end_s + 1.5
    part = list(trim(recording, from_s, to_s))
    assert [e.host_ns for e in part] == sorted(e.host_ns for e in part)
    found = analyse(part)
    assert shares(found) == pytest.approx(shares(summary)[3:5], abs=0.01)
    levels = {ref.placement: ref.level for ref in summary.sets[0].references}
    assert {r.placement: r.level for r in found.sets[0].references} == pytest.approx(levels, rel=0.01)
    assert all(channel.lost_percent < 0.2 for channel in found.channels)
    kept = [e for e in entries if from_s <= (e.host_ns - entries[0].host_ns) * 1e-9 < to_s]
    assert signal(part)[-len(signal(kept)) :] == signal(kept)


def test_without_references_only_the_part_and_its_context_are_kept(recording):
    part = list(trim(recording, 40.0, 44.0, references=False))
    kinds = [e.kind for e in part if isinstance(e, Mark)]
    assert kinds.count("device") == kinds.count("connected") == 6
    assert {"session", "exercise", "cut", "set_start", "set_stop"} <= set(kinds)
    assert not [kind for kind in kinds if "reference" in kind or "baseline" in kind]
    assert (part[-1].host_ns - part[0].host_ns) * 1e-9 == pytest.approx(4.0, abs=0.05)


def test_a_part_of_everything_is_everything_and_a_mark(recording, entries):
    part = list(trim(recording, 0.0, 1e9))
    assert [e for e in part if not (isinstance(e, Mark) and e.kind == "cut")] == entries


def test_nothing_to_keep_is_refused(recording):
    for from_s, to_s in ((70.0, 80.0), (5.0, 5.0), (9.0, 3.0)):
        with pytest.raises(RecordingError, match="nothing from"):
            trim(recording, from_s, to_s)


def halves(entries, at_s, away_s=0.0):
    """A session that was interrupted: the second half begins with session, devices and descriptions anew."""
    cut_ns = entries[0].host_ns + round(at_s * 1e9)
    first = [e for e in entries if e.host_ns < cut_ns]
    again_ns = cut_ns + round(away_s * 1e9)
    head = [e for e in first if isinstance(e, Mark) and e.kind in {"exercise", "device", "connected"}]
    told = {(e.device, e.port): e for e in reversed(first) if isinstance(e, Packet)}
    begun = f"2026-01-02T03:{4 + int(5 + at_s + away_s) // 60:02d}:{int(5 + at_s + away_s) % 60:02d}+00:00"
    session = Mark(again_ns, "session", {**first[0].data, "started_utc": begun})
    context = [replace(e, host_ns=again_ns) for e in (*head, *(p for p in told.values() if "0002-2714" in p.port))]
    return first, [session, *context, *(e for e in entries if e.host_ns >= again_ns)]


@pytest.mark.slow
def test_two_halves_give_what_the_whole_gave(entries, summary, written):
    at_s = summary.sets[0].start_s - 0.6
    first, second = halves(entries, at_s, away_s=0.2)
    merged = list(merge(written(first, "a.mcap"), written(second, "b.mcap")))
    assert [e.host_ns for e in merged] == sorted(e.host_ns for e in merged)
    kinds = [e.kind for e in merged if isinstance(e, Mark)]
    assert kinds.count("session") == kinds.count("resumed") == 1
    assert kinds.count("lost") == 6
    found = analyse(merged)
    assert shares(found) == pytest.approx(shares(summary), abs=0.02)
    assert found.started_utc == summary.started_utc


def test_a_restarted_computer_is_told_by_the_time_of_day(entries, written):
    first, second = halves(entries, 20.0, away_s=1.0)
    earlier = [replace(e, host_ns=e.host_ns - 10**12) for e in second]
    merged = list(merge(written(first, "a.mcap"), written(earlier, "b.mcap")))
    resumed = next(e for e in merged if isinstance(e, Mark) and e.kind == "resumed")
    assert (resumed.host_ns - first[0].host_ns) * 1e-9 == pytest.approx(21.0, abs=1.0)


def test_what_does_not_belong_together_is_refused(entries, written):
    first, second = halves(entries, 20.0)
    a, b = written(first, "a.mcap"), written(second, "b.mcap")
    with pytest.raises(RecordingError, match=r"a\.mcap begins .* s before b\.mcap ends; give the earlier one first"):
        merge(b, a)
    stranger = written([*second, Mark(second[-1].host_ns, "device", {"device": "Z", "driver": "x"})], "c.mcap")
    with pytest.raises(RecordingError, match=r"sensor 'Z' is only in c\.mcap"):
        merge(a, stranger)
    other = [replace(e, data={**e.data, "address": "x"}) if isinstance(e, Mark) else e for e in second]
    with pytest.raises(RecordingError, match="is another one in"):
        merge(a, written(other, "d.mcap"))


SECRETS = ("Anna", "AA:BB", "knee", "clinic", "03:04", "phone")
PERSONAL = [
    Mark(
        5, "session", {"started_utc": "2026-01-02T03:04:05+00:00", "source": "clinic", "simulated": False, "x": "knee"}
    ),
    Mark(5, "device", {"device": "Anna's", "driver": "imported", "address": "AA:BB", "title": "Imported file"}),
    Mark(6, "connected", {"device": "Anna's"}),
    Packet("Anna's", "00002a25-0000-1000-8000-00805f9b34fb", 6, b"Anna"),
    Packet("Anna's", "0", 7, b"\x01\x02"),
    Mark(8, "note", {"text": "knee hurts"}),
    Mark(9, "set_start", {"exercise": "bridge_2leg", "target_reps": 5, "with": "phone"}),
]


@pytest.mark.parametrize("drop_date", [False, True])
def test_nothing_that_names_a_person_stays(written, drop_date):
    anonymiser = Anonymiser(drop_date=drop_date)
    kept = list(anonymiser.entries(written(PERSONAL)))
    text = to_text(kept)
    assert not [secret for secret in SECRETS if secret in text]
    assert ("2026-01-02" in text) is not drop_date
    assert Packet("sensor-1", "0", 1_000_000_002, b"\x01\x02") in kept
    assert kept[-1] == Mark(1_000_000_004, "set_start", {"exercise": "bridge_2leg", "target_reps": 5})
    assert {"name of a sensor", "address of device", "text of note", "serial number"} <= anonymiser.removed.keys()


@pytest.mark.slow
def test_an_anonymous_recording_gives_the_same_numbers(recording, entries, summary):
    kept = list(Anonymiser().entries(recording))
    assert signal(kept) == signal(entries)
    assert shares(analyse(kept)) == shares(summary)


def test_the_commands_write_and_refuse(recording, tmp_path, capsys):
    source, out = str(recording.path), str(tmp_path / "out.mcap")
    assert main(["trim", source, "--from", "40", "--to", "44", "-o", out]) == 0
    assert capsys.readouterr().out.strip() == out
    assert main(["trim", source, "-o", out]) == 1
    assert "exists already" in capsys.readouterr().err
    assert main(["anonymise", source, "-o", str(tmp_path / "anonymous.mcap")]) == 0
    assert "removed  source of session" in capsys.readouterr().err
    assert main(["merge", source, out, "-o", str(tmp_path / "merged.mcap")]) == 1
    assert main(["merge", source, out, "-o", str(tmp_path / "merged.txt")]) == 1
    assert "a recording's name ends in .mcap" in capsys.readouterr().err


BOUGHT = [kit for kit in firmware_sim.KITS if kit != "emgmon"]


@pytest.mark.slow
@pytest.mark.parametrize("kit", BOUGHT)
def test_a_part_of_a_bought_sensors_recording_keeps_its_conversation(kit, written):
    entries = entries_of(script_of(1, seed=2), seed=2, kit=kit)
    recording = written(entries)
    whole = analyse(recording)
    length_s = (entries[-1].host_ns - entries[0].host_ns) * 1e-9
    part = analyse(written(list(trim(recording, length_s / 2, length_s, references=False)), "part.mcap"))
    both = [
        {(channel.device, channel.quantity, str(channel.placement)): channel for channel in summary.channels}
        for summary in (part, whole)
    ]
    assert both[0].keys() == both[1].keys()
    for half, full in ((both[0][key], both[1][key]) for key in both[0]):
        assert half.samples == pytest.approx(full.samples / 2, rel=0.1)
        assert half.lost <= 0.01 * half.samples + full.lost


def test_copies_carry_the_conversation_that_a_sensor_needs():
    def packet(number, port=">control"):
        return Packet("box", port, number, bytes([number]))

    copies = Copies()
    said = [
        Mark(0, "connected", {"device": "box"}),
        packet(1),
        packet(2, "data"),
        packet(3),
        Mark(4, "started", {"device": "box"}),
        *(packet(number, "data") for number in range(5, 60)),
    ]
    for number, entry in enumerate(said):
        copies.note(number, 1 if getattr(entry, "port", "") == "data" else 2, entry, 10)
    assert [sequence for sequence, _line in copies.lines()] == [0, 1, 2, 3, 4]
