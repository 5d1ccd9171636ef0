"""Plays what the events make heard, in a thread of its own; the analysis only leaves events in a short queue.

Without a sound card, or after it was unplugged, miniaudio's null device takes the samples and nothing is heard; the
card is tried again every few seconds, and each change is said in one notice.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

from emgmon.live.cues_sound import Listener, Sound
from emgmon.live.marks import Feedback, Task
from emgmon.live.state import TrainState
from emgmon.live.synth import FS_HZ, Stereo, Synth
from emgmon.model import Event, Frame, SignalSeen

LEVELS = ("full", "cues", "off")
PERIOD_MS, PERIODS = 10, 4
"""The card asks for 10 ms at a time and holds up to four: 40 ms late at most, which a busy computer needs."""
QUEUE_LIMIT = 256
STALE_S = 0.6
"""The tone ends when no frame came for so long: late sensors are waited for 0.4 s."""
STALLED_S = 1.0
"""A card that asks for nothing that long is gone; not every system says so."""
RETRY_S = 5.0
WATCH_S = 0.2
NO_CARD = "No sound card answers: the session goes on without sound."
CARD_GONE = "The sound card is gone: the session goes on without sound."
CARD_BACK = "Sound plays again."
NO_PACKAGE = "There is no sound: the package miniaudio is not installed."

Generate = Generator[Any, int, None]
Open = Callable[[Generate, bool], Any]
Sink = Callable[[Sequence[Event]], None]


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """What is to be heard.

    Attributes
    ----------
    level : str
        ``full`` lasting tone and short sounds, ``cues`` short sounds alone, ``off`` nothing.
    volume : float
        0 to 1.
    fade : bool
        The lasting tone in one of two reps.
    """

    level: str = "off"
    volume: float = 0.6
    fade: bool = False


SILENT = SoundSettings()


def settings_of(level: str | None, volume_percent: float, *, fade: bool, windowed: bool) -> SoundSettings:
    """Read what the person chose; who chose no level hears everything beside a window, and nothing without one."""
    return SoundSettings(level or ("full" if windowed else "off"), volume_percent / 100.0, fade)


class Player:
    """Turns events into sound while it is open.

    Parameters
    ----------
    settings : SoundSettings
    notify : callable
        Takes one sentence for the user, in another thread.
    open_device : callable
        Opens and starts a device that plays what the generator makes: the default card, or with True the null device.
        Raises OSError with a sentence for the user when it cannot.

    Attributes
    ----------
    settings : SoundSettings
    dropped : int
        Events that nobody took in time.
    """

    def __init__(self, settings: SoundSettings, notify: Callable[[str], None], open_device: Open | None = None) -> None:
        self.settings, self.dropped = settings, 0
        self._notify, self._open = notify, open_device or open_playback
        self._listener = Listener(fade=settings.fade)
        self._synth = Synth(settings.volume, tone=settings.level == "full")
        self._queue: deque[Event | TrainState | Sound] = deque()
        self._lock, self._end = threading.Lock(), threading.Event()
        self._asked_s, self._silent = 0.0, False
        self._since_frame = 0
        self._thread = threading.Thread(target=self._watch, name="emgmon-sound", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    @property
    def muted(self) -> bool:
        """Whether nothing is heard for now; settable at any time."""
        return self._synth.muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._synth.muted = muted

    def know(self, feedback: Feedback, task: Task | None) -> None:
        """Take in what no event tells, from any thread; as `Listener.know`."""
        self._listener.know(feedback, task)

    @property
    def audible(self) -> bool:
        """Whether a card plays what is not muted."""
        return self._thread.is_alive() and not self._silent and not self.muted

    @property
    def clock_s(self) -> float:
        """Session time of the newest event that was heard."""
        return self._listener.clock_s

    def push(self, events: Sequence[Event]) -> None:
        """Leave events to be heard; returns at once. A newer frame takes the place of one that still waits."""
        with self._lock:
            for event in events:
                if isinstance(event, SignalSeen):
                    continue
                if isinstance(event, Frame) and self._queue and isinstance(self._queue[-1], Frame):
                    self._queue.pop()
                self._queue.append(event)
            while len(self._queue) > QUEUE_LIMIT:
                self._queue.popleft()
                self.dropped += 1

    def cue(self, sound: Sound) -> None:
        """Leave one short sound to be heard, which no event tells."""
        with self._lock:
            self._queue.append(sound)

    def begin_at(self, state: TrainState) -> None:
        """Go on from another moment of a session, at which `state` was known; the player keeps it."""
        with self._lock:
            self._queue.clear()
            self._queue.append(state)

    def render(self, n_frames: int) -> Stereo:
        """Take in what waits and return the next samples; the device's thread calls this."""
        with self._lock:
            waiting, self._queue = self._queue, deque()
        self._since_frame += n_frames
        for event in waiting:
            if isinstance(event, Sound):
                self._synth.play(event)
                continue
            if isinstance(event, TrainState):
                self._listener.begin_at(event)
                continue
            if isinstance(event, Frame):
                self._since_frame = 0
            for sound in self._listener.take(event):
                self._synth.play(sound)
        fresh = self._since_frame < STALE_S * FS_HZ
        self._synth.set_tone(self._listener.tone() if fresh else None)
        return self._synth.render(n_frames)

    def _samples(self) -> Generate:
        """Answer the device's requests; their number keeps the watch content."""
        n_frames = yield b""
        while True:
            self._asked_s = time.monotonic()
            n_frames = yield self.render(n_frames)

    def _watch(self) -> None:
        """Keep a device open until the end: the card where there is one, the null device else."""
        device, first = None, True
        while True:
            _close(device)  # before another: the synth serves one device
            was_silent = self._silent
            device, reason = self._opened()
            self._silent = bool(reason)
            if self._silent and not was_silent:
                self._notify(reason if first else CARD_GONE)
            elif was_silent and not self._silent:
                self._notify(CARD_BACK)
            first = False
            if device is None:
                return
            opened_s = time.monotonic()
            while time.monotonic() - self._asked_s < STALLED_S:
                if self._end.wait(WATCH_S):
                    _close(device)
                    return
                if self._silent and time.monotonic() - opened_s > RETRY_S:
                    break

    def _opened(self) -> tuple[Any, str]:
        """Return the card and no reason; or the null device, or None, and why there is no card."""
        reason = ""
        for null in (False, True):
            samples = self._samples()
            next(samples)
            self._asked_s = time.monotonic()
            try:
                return self._open(samples, null), reason
            except OSError as error:
                reason = str(error)
        return None, reason


def open_playback(samples: Generate, null: bool) -> Any:
    """Open and start the default sound card, or miniaudio's null device, which takes samples in real time.

    Raises
    ------
    OSError
        No card answers, or the package miniaudio is not installed.
    """
    try:
        import miniaudio  # noqa: PLC0415 - only when something shall be heard
    except ImportError as error:
        raise OSError(NO_PACKAGE) from error
    _hush_alsa()
    real = [name for name in miniaudio.Backend if name not in {miniaudio.Backend.NULL, miniaudio.Backend.CUSTOM}]
    try:
        device = miniaudio.PlaybackDevice(
            miniaudio.SampleFormat.FLOAT32,
            2,
            FS_HZ,
            PERIOD_MS,
            callback_periods=PERIODS,
            backends=[miniaudio.Backend.NULL] if null else real,
            app_name="emgmon",
        )
        device.start(samples)
    except miniaudio.MiniaudioError as error:
        raise OSError(NO_CARD) from error
    return device


def why_no_sound() -> str:
    """Open the sound card for a moment; return why that is not possible, ``""`` when it is."""

    def silence() -> Generate:
        n_frames = yield b""
        while True:
            n_frames = yield bytes(8 * n_frames)

    samples = silence()
    next(samples)
    try:
        open_playback(samples, null=False).close()
    except OSError as error:
        return str(error)
    return ""


@contextmanager
def heard(sink: Sink, settings: SoundSettings, notify: Callable[[str], None]) -> Iterator[Sink]:
    """Yield a sink that also makes events heard, until the context ends; the same sink when sound is off."""
    if settings.level == "off":
        yield sink
        return
    with Player(settings, notify) as player:

        def both(events: Sequence[Event]) -> None:
            player.push(events)
            sink(events)

        yield both


def _close(device: Any) -> None:
    if device is not None:
        device.close()


_ignore = ctypes.CFUNCTYPE(None)(lambda: None)


def _hush_alsa() -> None:
    """Keep ALSA's library from writing to the terminal what it does not find."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_ignore)
