"""The command line: answers at once, one line for an error, an exit code that tells."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from simulated import entries_of, script_of

from emgmon import __version__
from emgmon.cli import build_parser, main
from emgmon.storage.recorder import write_recording

MAPS = Path(__file__).parents[1] / "maps"
COMMANDS = ("demo", "replay", "analyse", "report", "import", "scan")


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Two simulated bridges with the two left sensors that a rep needs, so that each command is quick."""
    path = tmp_path_factory.mktemp("cli") / "set.mcap"
    write_recording(path, entries_of(script_of(2, seed=3), seed=3, sensors=["EMG-GL", "EMG-HL"]))
    return path


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from emgmon.cli import build_parser; build_parser().format_help();"
        "print([m for m in ('numpy', 'scipy', 'PySide6', 'bleak', 'bumble', 'mcap', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"emgmon {command}" in capsys.readouterr().out


def test_help_names_all_commands():
    text = build_parser().format_help()
    assert all(f"  {command} " in text for command in COMMANDS)


def test_version_and_no_command(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert __version__ in capsys.readouterr().out
    assert main([]) == 0
    assert "Start with 'emgmon demo'" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "--reps", "0"],
        ["demo", "--speed", "fast"],
        ["replay", "x", "--speed", "-1"],
        ["scan", "--seconds", "0"],
    ],
)
def test_numbers_out_of_range_are_refused_with_the_range(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert " is not a number from " in capsys.readouterr().err


def test_analyse_prints_text_and_json(recording, capsys):
    assert main(["analyse", str(recording)]) == 0
    text = capsys.readouterr().out
    assert "Glute bridge" in text
    assert "SIMULATED" in text
    assert main(["analyse", str(recording), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert [rep["index"] for rep in summary["sets"][0]["reps"]] == [1, 2]


def test_report_is_written_where_asked_or_beside(recording, tmp_path, capsys):
    out = tmp_path / "deep" / "page.html"
    assert main(["report", str(recording), "-o", str(out), "--name", "<b>Ann"]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    page = out.read_text("utf-8")
    assert "&lt;b&gt;Ann" in page
    assert "<b>Ann" not in page
    assert main(["report", str(recording)]) == 0
    assert recording.with_suffix(".html").exists()


def test_replay_at_full_speed_says_what_happens(recording, capsys):
    assert main(["replay", str(recording), "--speed", "max", "--headless"]) == 0
    said = capsys.readouterr()
    assert "rep 2" in said.err
    assert "Glute bridge" in said.out


@pytest.mark.parametrize("command", ["analyse", "report", "replay"])
@pytest.mark.parametrize(
    ("content", "words", "code"),
    [
        (None, "cannot be opened", 1),
        (b"", "the file is empty", 1),
        (bytes(range(7, 250)) * 20, "not an emgmon recording", 1),
        ("torn", "not whole: the file is torn at byte", 3),
    ],
)
def test_bad_recordings_get_one_line_and_an_exit_code(command, content, words, code, recording, tmp_path, capsys):
    path = tmp_path / "bad.mcap"
    if content == "torn":
        path.write_bytes(recording.read_bytes()[:150_000])
    elif content is not None:
        path.write_bytes(content)
    more = ["--speed", "max", "--headless"] if command == "replay" else []
    assert main([command, str(path), *more]) == code
    said = capsys.readouterr()
    lines = [line for line in said.err.splitlines() if line.startswith("emgmon:")]
    assert len(lines) == 1
    assert words in lines[0]
    assert "Traceback" not in said.err


def test_a_torn_recording_still_shows_what_there_is(recording, tmp_path, capsys):
    path = tmp_path / "torn.mcap"
    path.write_bytes(recording.read_bytes()[: recording.stat().st_size * 3 // 4])
    assert main(["analyse", str(path), "--json"]) == 3
    assert len(json.loads(capsys.readouterr().out)["sets"]) <= 1


def test_real_walk_imports_and_its_cycles_are_found(realdata, tmp_path, capsys):
    """Treadmill walk of A. Santuz: 6 cycles, glute and hamstring levels, ln(H/G) as a partial index."""
    out = tmp_path / "walk.mcap"
    source = realdata / "gait_santuz_walk" / "ID0012_TW_01.npz"
    assert main(["import", str(source), "--map", str(MAPS / "santuz_walk.toml"), "-o", str(out)]) == 0
    capsys.readouterr()
    assert main(["analyse", str(out), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    (done,) = summary["sets"]
    begin_s = [rep["start_s"] for rep in done["reps"]]
    touchdown_s = [t - 0.014 for t in (1.414, 2.448, 3.488, 4.515, 5.549)]
    assert len(begin_s) in {5, 6}
    lead = [min(touchdown_s, key=lambda t, b=b: abs(t - b)) - b for b in begin_s[-5:]]
    assert max(lead) - min(lead) < 0.12, "cycles begin at the same point of each stride"
    assert all(abs(rep["end_s"] - rep["start_s"] - 1.035) < 0.1 for rep in done["reps"])
    assert not summary["simulated"]
    names = {(v["metric"], v["where"]) for rep in done["reps"] for v in rep["values"]}
    assert ("log_ratio_h", "right") in names
    assert not any(metric in {"sdi", "share_glute"} for metric, _where in names)
    assert any("partial" in note for note in done["notes"])
    levels = [
        v["value"] for rep in done["reps"] for v in rep["values"] if v["metric"] == "level" and "biceps" in v["where"]
    ]
    assert all(20 < level < 80 for level in levels)


def test_import_without_a_map_names_the_columns(tmp_path, capsys):
    table = tmp_path / "x.csv"
    table.write_text("time,GM_l,BF_l\n0,1,2\n0.001,1,2\n0.002,1,2\n")
    assert main(["import", str(table), "-o", str(tmp_path / "o.mcap")]) == 1
    assert "columns are GM_l, BF_l" in capsys.readouterr().err
    assert not (tmp_path / "o.mcap").exists()


def test_scan_without_bluetooth_is_one_line(monkeypatch, capsys):
    from emgmon.cli import scan as command  # noqa: PLC0415
    from emgmon.errors import BluetoothUnavailable  # noqa: PLC0415

    async def no_radio(*_args, **_kwargs):
        raise BluetoothUnavailable("No Bluetooth: it is off.")

    monkeypatch.setattr(command, "scan", no_radio)
    assert main(["scan"]) == 1
    assert "emgmon: No Bluetooth: it is off." in capsys.readouterr().err
