"""What is heard while a recording is played: the sound engine of the live session, fed with the same events."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from emgmon.live.playing import copied
from emgmon.live.sound import Open, Player, SoundSettings
from emgmon.live.state import TrainState
from emgmon.model import Event


class Listening:
    """A player that is opened when something is first to be heard.

    Parameters
    ----------
    settings : SoundSettings
        Level ``off`` for none at all.
    notify : callable
        Takes one sentence for the user, in another thread.
    open_device : callable, optional
        As for `Player`.

    Attributes
    ----------
    muted : bool
    """

    def __init__(self, settings: SoundSettings, notify: Callable[[str], None], open_device: Open | None = None) -> None:
        self.muted = settings.level == "off"
        self._settings, self._notify, self._open = settings, notify, open_device
        self._player: Player | None = None

    def mute(self, *, muted: bool) -> None:
        """Hear nothing, or hear again; where sound was off from the start everything is heard from now on."""
        self.muted = muted
        if not muted and self._settings.level == "off":
            self._settings = SoundSettings("full", self._settings.volume, self._settings.fade)
        if self._player is not None:
            self._player.muted = muted

    def begin_at(self, state: TrainState) -> None:
        """Go on from another moment."""
        if self._player is None and not self.muted:
            self._player = Player(self._settings, self._notify, self._open)
            self._player.__enter__()
        if self._player is not None:
            self._player.begin_at(copied(state))

    def push(self, events: Sequence[Event]) -> None:
        """Make events heard."""
        if self._player is not None and not self.muted:
            self._player.push(events)

    def pause(self) -> None:
        """Fall silent."""
        if self._player is not None:
            self._player.begin_at(TrainState())

    def close(self) -> None:
        """Let go of the sound card."""
        if self._player is not None:
            self._player.__exit__(None, None, None)
            self._player = None
