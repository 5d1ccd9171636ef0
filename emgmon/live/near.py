"""The near screens' common parts: labels, cards, buttons and the colours of all of them.

Sizes are pixels of a window that is 1080 high; `fit` gives all parts of a window the letters that suit its height.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from emgmon.live.theme import Theme, font

LEAST_PX = 13.0
"""No letters are smaller, however small the window."""
LEAST_UNIT, MOST_UNIT = 0.66, 2.0
_ARROW = Path(__file__).with_name("arrow.svg").as_posix()


def lettered(widget: QWidget, size: float, weight: int) -> None:
    """Give a widget letters of a size and weight, and let it remember them for `fit`."""
    widget.setProperty("letters", (size, weight))
    widget.setFont(font(size, weight))


def unit_of(window: QWidget) -> float:
    """Return how large a window is against the one that sizes are meant for; neither side may be too short."""
    return min(MOST_UNIT, max(LEAST_UNIT, min(window.height() / 1080, window.width() / 1600)))


def fit(of: QWidget, unit: float) -> None:
    """Give everything in a widget that has letters the size that suits `unit`; what has it already is left alone."""
    for widget in (of, *of.findChildren(QWidget)):
        letters = widget.property("letters")
        if letters is not None and widget.property("unit") != unit:
            widget.setProperty("unit", unit)
            size, weight = letters
            widget.setFont(font(max(LEAST_PX, size * unit), weight))


def label(text: str, size: float, weight: int = 500, *, name: str = "", wraps: bool = False) -> QLabel:
    """Make a label of plain text; `name` chooses its colour: ``second``, ``faint``, ``warn`` or none."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    lettered(made, size, weight)
    made.setObjectName(name)
    made.setWordWrap(wraps)
    if wraps:
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return made


def button(text: str, *, main: bool = False, size: float = 20) -> QPushButton:
    """Make a button that leaves the keyboard to the window; `main` is the one to press next."""
    made = QPushButton(text)
    lettered(made, size, 650)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setObjectName("main" if main else "")
    return made


def card(name: str = "card") -> QFrame:
    """Make a panel with round corners."""
    made = QFrame()
    made.setObjectName(name)
    return made


def stacked(large: QWidget, parts: Iterable[QWidget | None]) -> QWidget:
    """Put what is there of some parts below each other without margins; `large` takes the room that is left."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in parts:
        if part is not None:
            column.addWidget(part, 1 if part is large else 0)
    return made


def style(theme: Theme, of: QWidget) -> None:
    """Give a near screen, or the strip below the screens, the colours of a theme."""
    of.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    of.setStyleSheet(
        f"#page, #page QScrollArea, #rows {{ background: {theme.background}; border: 0; }}"
        f"#strip {{ background: {theme.panel}; }}"
        f"QLabel {{ color: {theme.text}; background: transparent; }}"
        f"QLabel#second {{ color: {theme.second}; }} QLabel#faint {{ color: {theme.faint}; }}"
        f"QLabel#warn {{ color: {theme.hamstrings}; }} QLabel#good {{ color: {theme.glutes}; }}"
        f"#card {{ background: {theme.panel}; border-radius: 10px; }}"
        f"#cardnow {{ background: {theme.panel}; border: 2px solid {theme.glutes}; border-radius: 10px; }}"
        f"#cardwarn {{ background: {theme.panel}; border: 2px solid {theme.hamstrings}; border-radius: 10px; }}"
        f"#cardlost {{ background: {theme.panel}; border: 2px solid {theme.lost}; border-radius: 10px; }}"
        f"QPushButton {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.line};"
        f" border-radius: 14px; padding: 6px 14px; }}"
        f"QPushButton#choice {{ padding: 6px 8px; }}"
        f"QPushButton:hover {{ border-color: {theme.second}; }}"
        f"QPushButton:disabled {{ color: {theme.faint}; }}"
        f"QPushButton:checked {{ background: {theme.glutes}; color: {theme.on_colour}; }}"
        f"QPushButton#main {{ background: {theme.text}; color: {theme.background}; border: 0; }}"
        f"QPushButton#main:disabled {{ background: {theme.track}; color: {theme.faint}; }}"
        f"QPushButton#hurts {{ border-color: {theme.lost}; color: {theme.lost}; }}"
        f"QComboBox, QLineEdit {{ background: {theme.raised}; color: {theme.text};"
        f" border: 1px solid {theme.line}; border-radius: 8px; padding: 5px 10px; }}"
        f"QComboBox::drop-down {{ border: 0; width: 24px; }}"
        f"QComboBox::down-arrow {{ image: url({_ARROW}); width: 12px; height: 8px; }}"
        f"QComboBox QAbstractItemView {{ background: {theme.raised}; color: {theme.text};"
        f" selection-background-color: {theme.line}; }}"
        f"QCheckBox {{ color: {theme.text}; background: transparent; spacing: 8px; }}"
        f"QCheckBox::indicator {{ width: 18px; height: 18px; border: 2px solid {theme.second}; border-radius: 5px; }}"
        f"QCheckBox::indicator:checked {{ background: {theme.glutes}; border-color: {theme.glutes}; }}"
    )


def style_window(theme: Theme, window: QWidget) -> None:
    """Give the parts round the pages the colours of a theme."""
    window.setStyleSheet(
        f"QMainWindow, #header {{ background: {theme.panel}; }}"
        f"#header QLabel, #header QPushButton {{ color: {theme.text}; background: transparent; }}"
        f"#header QPushButton {{ border: 0; border-radius: 12px; padding: 4px 16px; color: {theme.second}; }}"
        f"#header QPushButton:checked {{ background: {theme.raised}; color: {theme.text}; }}"
        f"#status {{ color: {theme.second}; background: {theme.panel}; padding: 0 18px; }}"
    )
