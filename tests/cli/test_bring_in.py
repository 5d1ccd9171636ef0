"""``emgmon import`` with a guess, with questions, and without what it needs."""

import numpy as np
import pytest

from emgmon.cli import main
from emgmon.runner import analyse
from emgmon.storage.recording import read_recording


@pytest.fixture
def table(tmp_path):
    samples = np.random.default_rng(0).normal(0, 50, (600, 3))
    rows = "\n".join(f"{k / 500:.4f},{a:.2f},{b:.2f},{c:.2f}" for k, (a, b, c) in enumerate(samples))
    path = tmp_path / "walk.csv"
    path.write_text(f"time,GMax L [uV],BF [uV],EMG 3 [uV]\n{rows}\n", encoding="utf-8")
    return path


def test_guess_prints_a_map(table, capsys):
    assert main(["import", str(table), "--guess"]) == 0
    printed = capsys.readouterr().out
    assert '# sure: spelt out, with its side\n[channels."GMax L"]' in printed
    assert "# likely:" in printed
    assert "# unknown:" in printed


def test_guess_with_an_output_takes_only_what_is_sure(table, tmp_path, capsys):
    out, proposal = tmp_path / "o.mcap", tmp_path / "m.toml"
    assert main(["import", str(table), "--guess", "-o", str(out), "--map-out", str(proposal)]) == 0
    assert "left out, as the map does not name them: BF, EMG 3" in capsys.readouterr().err
    assert [str(c.placement) for c in analyse(read_recording(out)).channels] == ["gluteus_maximus/left"]
    assert "# likely:" in proposal.read_text(encoding="utf-8")
    assert main(["import", str(table), "--guess", "--map-out", str(proposal)]) == 1
    assert "exists already" in capsys.readouterr().err


def test_nothing_sure_is_refused(tmp_path, capsys):
    path = tmp_path / "x.npz"
    np.savez(path, emg_data=np.ones((100, 1)), emg_fs=500, emg_names=["A"])
    assert main(["import", str(path), "--guess", "-o", str(tmp_path / "o.mcap")]) == 1
    assert "no channel's muscle and side are sure" in capsys.readouterr().err


def test_questions_on_a_terminal(table, tmp_path, capsys, monkeypatch):
    answers = iter(["1", "", "3", "2"])  # GMax L: its side is known; BF out; EMG 3: biceps femoris, right
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))
    out, kept = tmp_path / "o.mcap", tmp_path / "answers.toml"
    assert main(["import", str(table), "-o", str(out), "--map-out", str(kept)]) == 0
    places = [str(c.placement) for c in analyse(read_recording(out)).channels]
    assert places == ["gluteus_maximus/left", "biceps_femoris/right"]
    assert main(["import", str(table), "--map", str(kept), "-o", str(tmp_path / "again.mcap")]) == 0
    capsys.readouterr()


def test_no_output_and_no_guess_is_said(table, capsys):
    assert main(["import", str(table)]) == 1
    assert "say with -o where the recording goes" in capsys.readouterr().err
