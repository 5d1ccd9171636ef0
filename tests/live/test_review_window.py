"""``emgmon review``: the window on its Review page."""

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from emgmon.cli import main
from emgmon.live.window import Window

pytestmark = pytest.mark.qt

RECORDINGS = Path(__file__).parents[2] / "recordings"


@pytest.fixture
def closes_when(qapp):
    """Close the window as soon as something is true of it, as a person would; gives back what was seen then."""

    def watch(true, seen):
        def look():
            for window in qapp.topLevelWidgets():
                if isinstance(window, Window) and window.isVisible() and true(window):
                    seen.append((window.windowTitle(), window.review.path, window.screens.currentWidget()))
                    window.close()
                    return
            QTimer.singleShot(50, look)

        QTimer.singleShot(50, look)

    return watch


def test_without_a_file_the_page_says_how_one_is_opened(closes_when, monkeypatch):
    monkeypatch.setattr("emgmon.cli.review.why_no_window", lambda: "")
    seen = []
    closes_when(lambda window: window.review.sheet.none.isVisible(), seen)
    assert main(["review", "--sound", "off"]) == 0
    ((title, path, page),) = seen
    assert (title, path) == ("emgmon", None)
    assert type(page).__name__ == "ReviewScreen"


@pytest.mark.slow
def test_the_window_may_be_closed_while_it_reads(closes_when, monkeypatch):
    monkeypatch.setattr("emgmon.cli.review.why_no_window", lambda: "")
    seen, readings = [], []

    def reads(window):
        readings.append(window.review.review.reading)
        return window.review.review.reading is not None

    closes_when(reads, seen)
    path = RECORDINGS / "bridges-clean.mcap"
    assert main(["review", str(path), "--theme", "light"]) == 0
    assert seen[0][:2] == ("emgmon - bridges-clean.mcap", path)
    assert not readings[-1].running


def test_a_wrong_file_is_one_sentence_and_no_window(tmp_path, capsys):
    path = tmp_path / "cat.mcap"
    path.write_bytes(b"a picture of a cat")
    assert main(["review", str(path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_without_a_display_it_says_what_needs_none(monkeypatch, capsys):
    monkeypatch.setattr("emgmon.cli.review.why_no_window", lambda: "there is no display")
    assert main(["review", str(RECORDINGS / "bridges-clean.mcap")]) == 1
    assert "there is no display" in capsys.readouterr().err
