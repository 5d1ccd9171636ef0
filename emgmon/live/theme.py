"""Colours of the dark and the light screen, and the font."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import fontpkg_inter
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QFont, QFontDatabase


@dataclass(frozen=True, slots=True)
class Theme:
    """One palette; colours as ``#RRGGBB``.

    Attributes
    ----------
    background, panel, raised, line, track : str
        Surfaces from back to front, lines, and the empty part of a bar.
    text, second, faint : str
        Three weights of text.
    glutes, hamstrings, back : str
        The groups; glutes are also "good", hamstrings also "weak".
    lost : str
        Lost sensor, recording.
    on_colour : str
        Text on a group's colour.
    glow : int
        Opacity of the glow behind the ring, 0 to 255.
    """

    name: str
    background: str
    panel: str
    raised: str
    line: str
    track: str
    text: str
    second: str
    faint: str
    glutes: str
    hamstrings: str
    back: str
    lost: str
    on_colour: str
    glow: int

    def group(self, letter: str) -> str:
        """Return the colour of a group, of faint text for any other."""
        return {"G": self.glutes, "H": self.hamstrings, "E": self.back, "D": self.glutes}.get(letter, self.faint)


DARK = Theme(
    name="dark",
    background="#0B1016",
    panel="#121A23",
    raised="#1A2530",
    line="#2A3846",
    track="#1E2A36",
    text="#F2F6FA",
    second="#A9B8C6",
    faint="#8494A4",
    glutes="#1FC8CF",
    hamstrings="#F2A900",
    back="#B07AFF",
    lost="#FF5D73",
    on_colour="#08131C",
    glow=46,
)
LIGHT = Theme(
    name="light",
    background="#F4F7FA",
    panel="#FFFFFF",
    raised="#EBF0F5",
    line="#D3DCE5",
    track="#E1E8EF",
    text="#101820",
    second="#46586A",
    faint="#566779",
    glutes="#00707C",
    hamstrings="#A05300",
    back="#7A2BD0",
    lost="#C4183C",
    on_colour="#FFFFFF",
    glow=30,
)
INTER = Path(fontpkg_inter.ROOT) / "files" / "Inter[opsz,wght].ttf"

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


def blend(first: str, second: str, share: float) -> QColor:
    """Mix two colours; `share` 0 gives the first, 1 the second."""
    a, b = QColor(first), QColor(second)
    pairs = ((a.redF(), b.redF()), (a.greenF(), b.greenF()), (a.blueF(), b.blueF()))
    return QColor.fromRgbF(*(x + (y - x) * share for x, y in pairs))


def veil(colour: str, opacity: int) -> QColor:
    """Return a colour with an opacity of 0 to 255."""
    veiled = QColor(colour)
    veiled.setAlpha(opacity)
    return veiled


@cache
def _load(_application: QCoreApplication) -> str:
    """Load Inter into one application and return the name of its family."""
    number = QFontDatabase.addApplicationFont(str(INTER))
    families = QFontDatabase.applicationFontFamilies(number)
    return families[0] if families else QFont().family()


@cache
def font(size: float, weight: int, spacing_percent: float = 0.0) -> QFont:
    """Return Inter with figures of equal width; `size` in pixels before scaling, `weight` 100 to 900."""
    application = QCoreApplication.instance()
    made = QFont(_load(application) if application else "Inter")
    made.setPixelSize(max(1, round(size)))
    made.setVariableAxis(QFont.Tag("wght"), weight)  # Qt sees one weight only and would smear it to get another
    made.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100.0 + spacing_percent)
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made
