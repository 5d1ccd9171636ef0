"""What a person needs who sees few hues, little contrast or small letters badly, or who listens to a screen reader."""

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QAccessible, QColor, QImage, qGray
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollBar,
    QWidget,
)

from emgmon.exercise.catalogue import packaged
from emgmon.live.bars import HEIGHT, STEP
from emgmon.live.bridge import Bridge
from emgmon.live.gauge import RADIUS
from emgmon.live.state import TrainState
from emgmon.live.theme import DARK, LIGHT, Theme
from emgmon.live.training import BARS_TOP, MIDDLE, TrainingScreen
from emgmon.live.window import Window
from emgmon.runner.board import RECORDING, Board, Channel

from .scenes import SITES, frame, opened, scenes, streaming

TEXTS = ("text", "second", "faint", "glutes", "hamstrings", "back", "lost")
GROUNDS = ("background", "panel", "raised", "track")
GROUP_COLOURS = ("glutes", "hamstrings", "back")
CONTROLS = QAbstractButton | QComboBox | QLineEdit | QAbstractSlider
LEAST_CONTRAST = 4.5
"""Web Content Accessibility Guidelines 2.2, criterion 1.4.3."""
LEAST_DISTANCE = 40.0
"""CIE 1976; a difference of 2 can just be seen."""
DEFICIENCIES = {  # Machado, Oliveira and Fernandes 2009, table 1, severity 1, on linear RGB
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour: str) -> np.ndarray:
    made = QColor(colour)
    rgb = np.array([made.redF(), made.greenF(), made.blueF()])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((float(linear(c) @ (0.2126, 0.7152, 0.0722)) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ np.clip(rgb, 0.0, 1.0) / (0.9505, 1.0, 1.089)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16.0 / 116.0)
    return np.array([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)])


def test_the_measure_of_contrast():
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_stands_out_from_every_ground(theme: Theme, text: str, ground: str):
    assert contrast(getattr(theme, text), getattr(theme, ground)) >= LEAST_CONTRAST


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", [*GROUP_COLOURS, "lost"])
def test_text_stands_out_from_every_pill(theme: Theme, ground: str):
    assert contrast(theme.on_colour, getattr(theme, ground)) >= LEAST_CONTRAST


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("deficiency", ["none", *DEFICIENCIES])
def test_groups_are_told_apart_by_everybody(theme: Theme, deficiency: str):
    seen = np.array(DEFICIENCIES.get(deficiency, np.eye(3)))
    colours = [lab(seen @ linear(getattr(theme, name))) for name in GROUP_COLOURS]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(colours, 2)) >= LEAST_DISTANCE


@pytest.fixture
def window(qtbot) -> Window:
    board = Board()
    made = Window(Bridge(), lambda: True, board=board, catalogue=packaged())
    qtbot.addWidget(made, before_close_func=Window.close_at_once)
    made.resize(1920, 1080)
    made.show()
    names = [f"EMG-{name}" for name in SITES]
    channels = tuple(Channel(f"EMG-{name}", "emg", 0, place) for name, place in SITES.items())
    made.bridge.push(scenes()["on-target"])
    board.show(stage=RECORDING, channels=channels, wanted=tuple(names), rested=True, pain=1.0, kind="T1")
    made.tick()
    return made


@pytest.mark.qt
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_bars_are_told_apart_without_hue(qtbot, theme):
    state = TrainState()
    for event in (*streaming(), opened(), frame(level=dict.fromkeys(SITES.values(), 1.0))):
        state.apply(event)
    screen = TrainingScreen(state, theme)
    qtbot.addWidget(screen)
    screen.resize(1920, 1080)
    grey = screen.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    patterns = []
    for row in range(3):
        y = round(BARS_TOP + row * STEP + 0.3 * HEIGHT)
        line = np.array([qGray(grey.pixel(x, y)) for x in range(300, 700)], dtype=float)
        patterns.append(np.sign(np.round((line - line.mean()) / 3.0)))  # the place of light and dark, not how light
    assert not patterns[0].any(), "glutes are plain"
    for one, other in itertools.combinations(patterns, 2):
        assert np.mean(one != other) > 0.05


@pytest.mark.qt
def test_groups_in_the_ring_are_told_apart_without_hue(qtbot):
    state = TrainState()
    for event in (*streaming(), opened(), frame(share={"G": 0.34, "H": 0.33, "E": 0.33})):
        state.apply(event)
    screen = TrainingScreen(state, DARK)
    qtbot.addWidget(screen)
    screen.resize(1920, 1080)
    grey = screen.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    edges = []
    for share in (0.17, 0.5, 0.84):
        angles = np.deg2rad(180.0 - (-30.0 + 240.0 * (share + np.linspace(-0.1, 0.1, 300))))
        points = [(960 + RADIUS * np.cos(a), MIDDLE - RADIUS * np.sin(a)) for a in angles]
        line = np.array([qGray(grey.pixel(round(x), round(y))) for x, y in points], dtype=float)
        edges.append(int(np.sum(np.abs(np.diff(line)) > 20.0)))
    assert edges[0] == 0, "glutes are plain"
    assert edges[1] > 0
    assert edges[2] > 0


@pytest.mark.qt
def test_every_control_has_a_name_for_a_screen_reader(window):
    nameless = []
    for page in window.pages:
        window.show_page(page)
        for control in window.findChildren(QWidget):
            if control.isVisible() and isinstance(control, CONTROLS) and not isinstance(control, QScrollBar):
                face = QAccessible.queryAccessibleInterface(control)
                if not face.text(QAccessible.Text.Name).strip():
                    nameless.append((page, control))
    assert nameless == []


@pytest.mark.qt
def test_a_screen_reader_is_told_what_the_picture_says(window):
    QAccessible.setActive(True)
    try:
        window.show_page("Train")
    finally:
        QAccessible.setActive(False)
    assert window.training.accessibleName() == "Train"
    assert window.training.accessibleDescription() == "Glute bridge, set 2 of 3, hold, rep 7/12"


@pytest.mark.qt
def test_no_letters_on_a_near_screen_are_smaller_than_18_pixels_at_1080(window):
    small = []
    for page in ("Sensors", "Calibrate", "Review", "History", "Programme"):
        window.show_page(page)
        for part in window.findChildren(QWidget):
            text = part.text() if isinstance(part, QLabel | QAbstractButton) else ""
            if text and part.isVisible() and part.font().pixelSize() < 18:
                small.append((page, text, part.font().pixelSize()))
    assert small == []


@pytest.mark.qt
def test_letters_follow_the_size_of_the_window(window):
    button = window.controls.buttons["set"]
    assert button.font().pixelSize() == 20
    window.resize(1280, 800)
    QApplication.processEvents()
    assert button.font().pixelSize() == 15
    window.resize(1920, 1080)
    QApplication.processEvents()
    assert button.font().pixelSize() == 20


@pytest.mark.qt
@pytest.mark.parametrize("question", ["ask", "ask_tension", None])
def test_a_small_screen_is_large_enough(window, question):
    if question:
        getattr(window.controls, question)()
    for size in ((1280, 800), (1024, 600)):
        window.resize(*size)
        QApplication.processEvents()
        QApplication.processEvents()
        assert window.size().toTuple() == size
        for part in window.controls.findChildren(QWidget):
            if part.isVisible() and part.parent() is window.controls:
                assert window.controls.rect().contains(part.geometry()), part
