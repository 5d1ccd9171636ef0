"""What a person needs who sees few hues, little contrast or small letters badly, or who listens to a screen reader."""

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QColor

from emgmon.live.theme import DARK, LIGHT, Theme

TEXTS = ("text", "second", "faint", "glutes", "hamstrings", "back", "lost")
GROUNDS = ("background", "panel", "raised", "track")
GROUP_COLOURS = ("glutes", "hamstrings", "back")
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
