import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QFileDialog, QPushButton

from emgmon.live.bridge import Bridge
from emgmon.live.pictures import with_kind
from emgmon.live.raw import SignalsScreen
from emgmon.live.state import TrainState
from emgmon.live.theme import DARK, LIGHT
from emgmon.live.window import Window
from emgmon.model import SignalSeen

from .scenes import SITES, streaming

pytestmark = pytest.mark.qt


def sine(name: str, lost=()) -> SignalSeen:
    """Six seconds from 10 s on: a sine of 100 µV and 1 Hz, with some samples lost."""
    samples = 100.0 * np.sin(2 * np.pi * np.arange(6000) / 1000.0)
    for first, last in lost:
        samples[first:last] = np.nan
    return SignalSeen(SITES[name], 10.0, 0.001, samples, "uv")


@pytest.fixture
def screen(qtbot) -> SignalsScreen:
    made = SignalsScreen(TrainState())
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.show()
    for name in ("HL", "GL", "ER"):
        made.take(sine(name, lost=[(2000, 3000)] if name == "ER" else []))
    made.refresh()
    made.set_paused(paused=True)
    return made


@pytest.fixture
def inspector(screen):
    return screen.inspector


def test_pausing_shows_every_sample_on_ordinary_axes(inspector):
    assert list(inspector.plots) == [SITES["GL"], SITES["HL"], SITES["ER"]]
    assert inspector.seen_s() == pytest.approx((10.0, 15.999))
    _, (low, high) = inspector.plots[SITES["GL"]].viewRange()
    assert (low, high) == pytest.approx((-110, 110), rel=0.05)
    assert inspector.stretches[SITES["GL"]].samples.size == 6000


def test_reads_time_and_value_under_the_mouse(inspector):
    plot = inspector.plots[SITES["HL"]]
    inspector._point(plot.vb.mapViewToScene(QPointF(12.25, 0.0)))
    assert inspector.cursor_s == pytest.approx(12.25, abs=0.01)
    time, *values = inspector.readout.text().split("    ")
    assert float(time.removesuffix(" s")) == pytest.approx(12.25, abs=0.01)
    assert values[0].startswith("GL +")
    assert float(values[0].split()[1]) == pytest.approx(100.0, abs=0.5)
    assert values[2] == "ER no signal"


def test_what_is_lost_is_a_gap_with_a_ground_of_its_own(inspector):
    (gap,) = inspector.stretches[SITES["ER"]].gaps()
    assert gap == pytest.approx((11.999, 13.0))
    image = inspector.graphs.grab().toImage()
    plot = inspector.plots[SITES["ER"]]
    seen = [
        QColor(image.pixel(inspector.graphs.mapFromScene(plot.vb.mapViewToScene(QPointF(t, 90.0)))))
        for t in (12.5, 14.5)
    ]
    assert seen[1] == QColor(DARK.background)
    assert seen[0] != seen[1]


def test_keys_zoom_move_and_read(inspector, qtbot):
    first, last = inspector.seen_s()
    qtbot.keyClick(inspector, Qt.Key.Key_Plus)
    zoomed = inspector.seen_s()
    assert zoomed[1] - zoomed[0] == pytest.approx((last - first) / 1.6)
    assert sum(zoomed) == pytest.approx(first + last)
    qtbot.keyClick(inspector, Qt.Key.Key_Right)
    assert inspector.seen_s()[0] == pytest.approx(zoomed[0] + 0.1 * (zoomed[1] - zoomed[0]))
    qtbot.keyClick(inspector, Qt.Key.Key_Left)
    assert inspector.seen_s() == pytest.approx(zoomed)
    qtbot.keyClick(inspector, Qt.Key.Key_Minus)
    assert inspector.seen_s() == pytest.approx((first, last))
    _, (_, high) = inspector.plots[SITES["GL"]].viewRange()
    qtbot.keyClick(inspector, Qt.Key.Key_Up)
    assert inspector.plots[SITES["ER"]].viewRange()[1][1] == pytest.approx(high / 1.6)
    qtbot.keyClick(inspector, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    there = inspector.cursor_s
    assert there == pytest.approx(13.0, abs=0.02)
    qtbot.keyClick(inspector, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert 0.0 < inspector.cursor_s - there < 0.02
    qtbot.keyClick(inspector, Qt.Key.Key_Plus)
    begin, end = inspector.seen_s()
    assert (inspector.cursor_s - begin) / (end - begin) == pytest.approx(0.5, abs=0.02), "zoom is about the cursor"
    qtbot.keyClick(inspector, Qt.Key.Key_Home)
    assert inspector.seen_s() == pytest.approx((first, last))
    assert inspector.plots[SITES["GL"]].viewRange()[1][1] == pytest.approx(high)


def test_all_channels_show_the_same_time(inspector):
    inspector.buttons["in"].click()
    ranges = [plot.viewRange()[0] for plot in inspector.plots.values()]
    assert ranges[1] == pytest.approx(ranges[0])
    assert ranges[2] == pytest.approx(ranges[0])


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_picture_is_saved_by_key_and_dialog(inspector, qtbot, tmp_path, monkeypatch, kind):
    asked = []

    def answer(_parent, _title, usual, kinds):
        asked.append(usual)
        return str(tmp_path / "signals"), next(name for name in kinds.split(";;") if kind in name)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    qtbot.keyClick(inspector, Qt.Key.Key_S)
    path = tmp_path / f"signals.{kind}"
    assert asked[0].endswith(".png")
    assert "emgmon_signals_" in asked[0]
    assert inspector.said.text() == f"Saved: {path}"
    if kind == "png":
        image = QImage(str(path))
        assert (image.width(), image.height()) == inspector.picture.size().toTuple()
        bearing = {image.pixelColor(x, y).name().upper() for x in range(image.width()) for y in range(60, 400, 3)}
        assert {DARK.glutes, DARK.hamstrings} <= bearing
    else:
        assert path.read_text("utf-8").count("<polyline") + path.read_text("utf-8").count("<path") > 3


def test_who_names_no_file_saves_nothing(inspector, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    inspector.buttons["save"].click()
    assert inspector.said.text() == ""


def test_a_picture_that_cannot_be_written_is_told_in_one_sentence(inspector, tmp_path):
    path = tmp_path / "none" / "a.png"
    inspector.save(path)
    assert inspector.said.text() == (
        f"The picture could not be written to {path}: No such file or directory. Choose another folder."
    )
    assert inspector.said.objectName() == "warn"


def test_the_picture_says_what_it_is_of(inspector, tmp_path):
    inspector.window().setWindowTitle("emgmon demo (simulated)")
    inspector.save(tmp_path / "a.png")
    assert inspector.caption.text() == "emgmon demo (simulated), filtered, 10.00 to 16.00 s of the session"


def test_the_ending_of_a_name_is_kept_and_a_missing_one_added(tmp_path):
    assert with_kind(tmp_path / "a.SVG", "x (*.png)").name == "a.SVG"
    assert with_kind(tmp_path / "a.b", "x (*.svg)").name == "a.b.svg"
    assert with_kind(tmp_path / "a", "").name == "a.png"


def test_the_live_picture_comes_back_with_what_came_meanwhile(screen):
    screen.take(SignalSeen(SITES["GL"], 16.0, 0.001, np.zeros(500), "uv"))
    screen.refresh()
    assert screen.inspector.stretches[SITES["GL"]].samples.size == 6000
    screen.inspector.buttons["on"].click()
    assert not screen.paused
    assert screen.inspector is None
    screen.set_paused(paused=True)
    assert screen.inspector.stretches[SITES["GL"]].samples.size == 6500


def test_another_size_and_theme_while_paused(screen):
    screen.resize(700, 500)
    screen.set_theme(LIGHT)
    assert screen.inspector.geometry() == screen.rect()
    image = screen.grab().toImage()
    assert image.pixelColor(5, 250).name().upper() == LIGHT.background


def test_space_pauses_and_goes_on_from_the_inspector_too(qtbot):
    window = Window(Bridge(), lambda: True)
    qtbot.addWidget(window)
    window.show()
    window.show_page("Signals")
    window.bridge.push([*streaming(), sine("GL")])
    window.tick()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.signals.inspector is not None
    qtbot.keyClick(window.signals.inspector, Qt.Key.Key_Space)
    assert window.signals.inspector is None
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.keyClick(window.signals.inspector, Qt.Key.Key_2)  # pages by their keys as ever
    assert window.screens.currentIndex() == 1


def test_every_button_bears_words(inspector):
    assert all(button.text() for button in inspector.findChildren(QPushButton))
