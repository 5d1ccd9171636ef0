"""The near screens' common parts: labels, cards, buttons and the colours of all of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from emgmon.live.theme import Theme, font


def label(text: str, size: float, weight: int = 500, *, name: str = "", wraps: bool = False) -> QLabel:
    """Make a label of plain text; `name` chooses its colour: ``second``, ``faint``, ``warn`` or none."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setFont(font(size, weight))
    made.setObjectName(name)
    made.setWordWrap(wraps)
    if wraps:
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return made


def button(text: str, *, main: bool = False, size: float = 17) -> QPushButton:
    """Make a button that leaves the keyboard to the window; `main` is the one to press next."""
    made = QPushButton(text)
    made.setFont(font(size, 650))
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setObjectName("main" if main else "")
    return made


def card(name: str = "card") -> QFrame:
    """Make a panel with round corners."""
    made = QFrame()
    made.setObjectName(name)
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
        f"QPushButton:hover {{ border-color: {theme.second}; }}"
        f"QPushButton:disabled {{ color: {theme.faint}; }}"
        f"QPushButton:checked {{ background: {theme.glutes}; color: {theme.on_colour}; }}"
        f"QPushButton#main {{ background: {theme.text}; color: {theme.background}; border: 0; }}"
        f"QPushButton#main:disabled {{ background: {theme.track}; color: {theme.faint}; }}"
        f"QPushButton#hurts {{ border-color: {theme.lost}; color: {theme.lost}; }}"
        f"QComboBox, QLineEdit {{ background: {theme.raised}; color: {theme.text};"
        f" border: 1px solid {theme.line}; border-radius: 8px; padding: 5px 10px; }}"
        f"QComboBox QAbstractItemView {{ background: {theme.raised}; color: {theme.text};"
        f" selection-background-color: {theme.line}; }}"
        f"QCheckBox {{ color: {theme.text}; background: transparent; spacing: 8px; }}"
        f"QCheckBox::indicator {{ width: 18px; height: 18px; border: 2px solid {theme.second}; border-radius: 5px; }}"
        f"QCheckBox::indicator:checked {{ background: {theme.glutes}; border-color: {theme.glutes}; }}"
    )
