"""Messages that do not coincide with notifications: frames in a byte stream, lines of text, and messages in parts.

All are online without delay, except that a frame is held back while a stream that fell out of step is being found
again. What was received is kept in small buffers of a bounded size; `clear` forgets it after a reconnection.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from emgmon.errors import PacketError

Octets = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

MAX_LINE = 256
MAX_MESSAGE = 65_536


class FixedFrames:
    """Frames of one size in a stream of bytes that is cut anywhere.

    In step, each frame need only pass the check. Out of step (at the start, and after a frame that failed), a place
    counts as a frame's start when as many frames in a row as `confirm` pass from there on.

    Parameters
    ----------
    size : int
        Bytes of a frame.
    passes : callable
        From (n, size) bytes to n flags: which of these could be a frame.
    confirm : int
        Frames in a row that must pass to be in step: 1 with a strong check (16 bits and more), more with a weak one.

    Attributes
    ----------
    skipped : int
        Bytes that the last `feed` threw away because no frame was in them.
    """

    def __init__(self, size: int, passes: Callable[[Octets], Flags], confirm: int = 1) -> None:
        self.size = size
        self.skipped = 0
        self._passes = passes
        self._confirm = confirm
        self._rest = b""
        self._in_step = False

    def clear(self) -> None:
        """Forget what is in the buffer, and the step."""
        self._rest, self._in_step, self.skipped = b"", False, 0

    def feed(self, chunk: bytes) -> Octets:
        """Take the next bytes; returns the frames that are complete now, (n_frames, size)."""
        octets = np.frombuffer(self._rest + chunk, np.uint8)
        at, found = 0, [np.empty((0, self.size), np.uint8)]
        self.skipped = 0
        while True:
            if not self._in_step:
                start = self._find(octets, at)
                self.skipped += start - at
                at = start
                if not self._in_step:
                    break
            whole = (len(octets) - at) // self.size
            frames = octets[at : at + whole * self.size].reshape(whole, self.size)
            good = self._passes(frames)
            run = whole if good.all() else int(np.argmin(good))
            found.append(frames[:run])
            at += run * self.size
            if run == whole:
                break
            self._in_step = False
        self._rest = octets[at:].tobytes()
        return np.concatenate(found)

    def _find(self, octets: Octets, at: int) -> int:
        """First place from `at` where frames may begin; sets the step when enough of them pass there."""
        last = len(octets) - self.size
        if last < at:
            return at
        passing = self._passes(np.lib.stride_tricks.sliding_window_view(octets[at:], self.size))
        for start in np.flatnonzero(passing):
            steps = passing[start :: self.size][: self._confirm]
            if steps.all():
                self._in_step = len(steps) == self._confirm
                return at + int(start)
        return last + 1


class Lines:
    """Lines of text in a stream of bytes; ends are a line feed, with or without a carriage return before it."""

    def __init__(self) -> None:
        self._rest = b""

    def clear(self) -> None:
        """Forget an unfinished line."""
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take the next bytes; returns the lines that are complete now, without their ends.

        Raises
        ------
        PacketError
            When no line ended within `MAX_LINE` bytes; they are dropped.
        """
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > MAX_LINE:
            self._rest = b""
            raise PacketError(f"no end of a line within {MAX_LINE} bytes", chunk)
        return [line.rstrip(b"\r") for line in whole]


class Countdown:
    """Messages in parts that bear the number of parts still to come, down to 0 (gForce).

    A part is ``mark``, that number, content; anything that does not begin with the mark is a whole message.
    """

    def __init__(self, mark: int = 0xFF) -> None:
        self._mark = mark
        self._parts = b""
        self._next: int | None = None

    def clear(self) -> None:
        """Forget an unfinished message."""
        self._parts, self._next = b"", None

    def feed(self, payload: bytes) -> bytes | None:
        """Take one notification; returns the message that is complete now, None while parts are missing.

        Raises
        ------
        PacketError
            When a part is missing between two others; what was collected is dropped. It is dropped without a word
            when a whole message comes where a part was due: that the lost one is missing shows in the samples.
        """
        if not payload or payload[0] != self._mark:
            self.clear()
            return payload
        if len(payload) < 2:
            self.clear()
            raise PacketError("part of a message without its number", payload)
        if self._next is not None and payload[1] != self._next:
            expected = self._next
            self.clear()
            raise PacketError(f"part {payload[1]} of a message came where {expected} was due", payload)
        self._parts += payload[2:]
        if len(self._parts) > MAX_MESSAGE:
            self.clear()
            raise PacketError("message in parts without an end", payload)
        if payload[1]:
            self._next = payload[1] - 1
            return None
        message = self._parts
        self.clear()
        return message


class TwoParts:
    """Messages of which a long one comes as a first part and a rest, told apart by a byte of their kind (Movesense).

    The first part does not say that a rest follows. So the first message of a stream is held until the next
    notification tells; after that, messages as long as one that had a rest are held, others are whole.
    """

    def __init__(self) -> None:
        self._held: tuple[int, bytes] | None = None
        self._length = 0
        self._cut_length = 0
        self._known = False

    def clear(self) -> None:
        """Forget a held message; what was learnt on lengths too, as the next link may carry more."""
        self.__init__()  # type: ignore[misc]

    def begin(self, payload: bytes, host_ns: int) -> list[tuple[int, bytes]]:
        """Take a message or first part; returns arrival and content of each message that is complete now."""
        whole: list[tuple[int, bytes]] = []
        if self._held is not None and not self._known:
            whole.append(self._held)
        self._held, self._length = None, len(payload)
        self._known = self._known or bool(whole)
        if self._known and len(payload) != self._cut_length:
            return [*whole, (host_ns, payload)]
        self._held = (host_ns, payload)
        return whole

    def end(self, rest: bytes, host_ns: int) -> tuple[int, bytes]:
        """Take a rest; returns arrival and content of the complete message.

        Raises
        ------
        PacketError
            When there is no first part.
        """
        held, self._held = self._held, None
        self._known, self._cut_length = True, self._length
        if held is None:
            raise PacketError("second part of a message without a first", rest)
        return host_ns, held[1] + rest
