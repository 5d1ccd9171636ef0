"""What the window's keys do: first the part in front is asked, then the window itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from emgmon.live.dropping import asked_for
from emgmon.live.theme import DARK, LIGHT

if TYPE_CHECKING:
    from emgmon.live.window import Window


def press(window: Window, event: QKeyEvent) -> bool:
    """Do what a key is for; false when it is for nothing."""
    key = event.key()
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    if window.controls is not None and window.controls.press(event):
        return True
    if any(part is not None and part.isVisible() and part.press(event) for part in (window.sensors, window.calibrate)):
        return True
    if 0 <= key - Qt.Key.Key_1 < len(window.pages):
        window.select(key - Qt.Key.Key_1)
    elif control and key == Qt.Key.Key_Q:
        window.close()
    elif not control and key in (actions := _actions(window)):
        actions[key]()
    elif key == Qt.Key.Key_Escape and window.beside.leave():
        event.accept()
    elif key == Qt.Key.Key_Escape and window.isFullScreen():
        window.set_full_screen(False)
    else:
        return False
    return True


def _actions(window: Window) -> dict[int, Callable[[], None]]:
    """Return what single keys do on every page."""
    return {
        Qt.Key.Key_M: lambda: _mute(window),
        Qt.Key.Key_O: lambda: _ask_for_recording(window),
        Qt.Key.Key_T: lambda: window.set_theme(LIGHT if window.theme is DARK else DARK),
        Qt.Key.Key_U: lambda: _change_form(window),
        Qt.Key.Key_V: window.change_feedback,
        Qt.Key.Key_F1: window.beside.show_keys,
        Qt.Key.Key_F9: window.beside.show_phone,
        Qt.Key.Key_F10: window.beside.show_outside,
        Qt.Key.Key_F11: lambda: window.set_full_screen(not window.isFullScreen()),
        Qt.Key.Key_Space: lambda: _pause(window),
    }


def _pause(window: Window) -> None:
    """Let the signals stand still, where they are seen, and run on."""
    if window.screens.currentWidget() is window.signals:
        window.signals.set_paused(not window.signals.paused)


def _ask_for_recording(window: Window) -> None:
    """Let the person point at a recording, and show it."""
    path = asked_for(window)
    if path is not None:
        window.open(path)


def _mute(window: Window) -> None:
    """Turn what is heard off, and on again."""
    if window.player is not None:
        window.player.muted = not window.player.muted


def _change_form(window: Window) -> None:
    """Show the signals raw or filtered, where they are seen."""
    if window.screens.currentWidget() is window.signals:
        window.signals.set_raw(raw=not window.signals.raw)
