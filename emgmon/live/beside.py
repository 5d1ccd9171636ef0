"""What lies over the window or stands beside it: the end card, the list of keys, the training page elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from emgmon.live.bridge import Ending
from emgmon.live.endcard import EndCard, LookBack
from emgmon.live.keycard import KeyCard
from emgmon.live.outside import TrainWindow
from emgmon.live.phone import Phone
from emgmon.live.state import TrainState
from emgmon.live.theme import Theme

if TYPE_CHECKING:
    from emgmon.live.phonecard import PhoneCard


class Beside:
    """At most one of each.

    Parameters
    ----------
    main : QWidget
        What the list of keys lies over.
    state : TrainState
    theme : Theme
    conducted : bool
        The session is conducted in the window, which has keys for that.
    phone : Phone

    Attributes
    ----------
    card : EndCard or None
    keys : KeyCard or None
    phone_card : PhoneCard or None
    outside : TrainWindow or None
    """

    def __init__(self, main: QWidget, state: TrainState, theme: Theme, *, conducted: bool, phone: Phone) -> None:
        self.card: EndCard | None = None
        self.keys: KeyCard | None = None
        self.phone = phone
        self.phone_card: PhoneCard | None = None
        self.outside: TrainWindow | None = None
        self._main, self._state, self._theme, self._conducted = main, state, theme, conducted

    def show_ending(self, over: QWidget, title: str, lines: list[str], ending: Ending, look_back: LookBack) -> None:
        """Lay the end card over a page."""
        if self.card is not None:
            self.card.deleteLater()
        self.card = EndCard(title, lines, ending, self._theme, over, look_back)
        self.card.show()

    def show_keys(self) -> None:
        """Lay the list of keys over the window, or take it away."""
        if self.keys is not None:
            self.keys.deleteLater()
            self.keys = None
            return
        self.keys = KeyCard(self._main, self._theme, self.show_keys, conducted=self._conducted)
        self.keys.show()

    def show_phone(self) -> None:
        """Lay over the window how to see the training on a phone, or take it away."""
        if self.phone_card is not None:
            self.phone_card.deleteLater()
            self.phone_card = None
            return
        from emgmon.live.phonecard import PhoneCard  # noqa: PLC0415 - what draws QR codes only when one is wanted

        self.phone_card = PhoneCard(self._main, self._theme, self.phone, self.show_phone)
        self.phone_card.show()

    def leave(self) -> bool:
        """Take away the card in front; false when there is none."""
        if self.phone_card is not None:
            self.show_phone()
        elif self.keys is not None:
            self.show_keys()
        else:
            return False
        return True

    def serve_phone(self) -> None:
        """Show the phone what is new, and on its card who looks on."""
        self.phone.show(self._state)
        if self.phone_card is not None:
            self.phone_card.count()

    def show_outside(self) -> None:
        """Show the training page in a window of its own too, or close that."""
        if self.outside is not None:
            self.outside.close()
            return
        self.outside = TrainWindow(self._state, self._theme, self._left)
        self.outside.show_beside(self._main)

    def _left(self) -> None:
        if self.outside is not None:
            self.outside.deleteLater()
            self.outside = None

    def refresh(self) -> None:
        """Paint the training page elsewhere anew."""
        if self.outside is not None:
            self.outside.picture.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self._theme = theme
        outside = self.outside.picture if self.outside is not None else None
        for part in (self.card, self.keys, self.phone_card, outside):
            if part is not None:
                part.set_theme(theme)

    def fit(self) -> None:
        """Stay in the middle."""
        for card in (self.card, self.keys, self.phone_card):
            if card is not None:
                card.fit()

    def close(self) -> None:
        """Leave nothing behind when the window closes."""
        self.phone.stop()
        if self.outside is not None:
            self.outside.close()
