"""What goes wrong between a sensor and the host, as data, and the link that does it.

A healthy Bluetooth LE link is already a distorted one: values leave at connection events, sometimes one is
repeated an event later, and order is kept. Losses, duplicates and damage come on top, behind the link's own
repetition (full queues, a bad driver). All times are script times; all draws come from a seed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

USUAL_INTERVAL_S = 0.015  # connection interval of a host that nobody asked for another
SMALLEST_MTU = 23  # bytes, Bluetooth core specification
SUPERVISION_S = 0.5  # silence after which both ends give a link up
_RETRY_MORE = 0.3  # chance that a repeated packet has to be repeated again
_HOST_DELAY_S = 0.0006  # mean of the time from the radio to the program


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which something happens to one device: from `t_s` (script time) for `duration_s`."""

    device: str
    t_s: float
    duration_s: float = math.inf

    @property
    def end_s(self) -> float:
        """Script time at which it is over; infinite where it never is."""
        return self.t_s + self.duration_s


@dataclass(frozen=True, slots=True)
class Faults:
    """Faults of the links; the default is a healthy link.

    Attributes
    ----------
    loss_share : float
        Share of notifications that never reach the host, 0 to 1.
    loss_burst : float
        Mean number of packets lost in a row (Gilbert's two-state channel); 1 makes losses independent.
    interval_s : float or None
        Connection interval to which arrivals are quantised, whatever a sensor asks for; 0 delivers at once.
        None: 15 ms, or what the sensor asks for.
    retry_share : float
        Share of connection events that have to be repeated.
    duplicate_share, corrupt_share, truncate_share : float
        Shares of notifications that arrive twice, with one wrong bit, or cut short.
    largest_mtu : int
        What the host's adapter can carry, bytes; 23 is the least that Bluetooth allows.
    refuses_writes : bool
        On the virtual radio sensors answer every write with an error of the attribute protocol.
    demands_pairing : bool
        On the virtual radio sensors take writes over an encrypted link alone.
    outages : tuple of Window
        The link is silent, then lost, and cannot be made again until the window ends.
    stalls : tuple of Window
        The link lives but takes nothing: the sensor's ring buffer fills, and after 0.5 s overflows.
    lifted : tuple of Window
        An electrode has no contact.
    devices : frozenset of str, optional
        Names that loss, duplicates and damage touch; all when None.
    """

    loss_share: float = 0.0
    loss_burst: float = 1.0
    interval_s: float | None = None
    retry_share: float = 0.02
    duplicate_share: float = 0.0
    corrupt_share: float = 0.0
    truncate_share: float = 0.0
    largest_mtu: int = 517
    refuses_writes: bool = False
    demands_pairing: bool = False
    outages: tuple[Window, ...] = ()
    stalls: tuple[Window, ...] = ()
    lifted: tuple[Window, ...] = ()
    devices: frozenset[str] | None = None

    def __post_init__(self) -> None:
        for name in ("loss_share", "retry_share", "duplicate_share", "corrupt_share", "truncate_share"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} must be at least 0 and below 1, not {getattr(self, name)}")
        if self.loss_burst < 1.0:
            raise ValueError(f"loss_burst is a mean length and at least 1, not {self.loss_burst}")
        if self.largest_mtu < SMALLEST_MTU:
            raise ValueError(f"largest_mtu must be at least {SMALLEST_MTU}, not {self.largest_mtu}")

    def interval_of(self, wanted_s: float | None) -> float:
        """Give the connection interval of a sensor that asks for `wanted_s`, s."""
        if self.interval_s is not None:
            return self.interval_s
        return USUAL_INTERVAL_S if wanted_s is None else wanted_s

    def touches(self, device: str) -> bool:
        """Whether loss, duplicates and damage happen to a device."""
        return self.devices is None or device in self.devices

    def stalled(self, device: str, script_s: float) -> bool:
        """Whether the link of a device takes nothing at a script time."""
        return any(window.t_s <= script_s < window.end_s for window in self.stalls if window.device == device)

    def outages_of(self, device: str) -> list[Window]:
        """Outages of one device, in order of time."""
        return sorted((w for w in self.outages if w.device == device), key=lambda window: window.t_s)

    def lifted_of(self, device: str) -> tuple[tuple[float, float], ...]:
        """Script times (from, to) at which the electrode of a device has no contact."""
        return tuple((w.t_s, w.end_s) for w in self.lifted if w.device == device)


class Timing:
    """When values sent over one link arrive: connection events, repetitions, never out of order.

    Parameters
    ----------
    faults : Faults
    rng : numpy.random.Generator
        Also draws the phase of the link's connection events.
    wanted_s : float, optional
        Connection interval that the sensor asks for.

    Attributes
    ----------
    last_s : float
        World time of the latest arrival.
    """

    def __init__(self, faults: Faults, rng: np.random.Generator, wanted_s: float | None = None) -> None:
        self._interval_s = faults.interval_of(wanted_s)
        self._retry_share = faults.retry_share
        self._rng = rng
        self._phase_s = float(rng.uniform(0.0, self._interval_s))
        self._event = -1
        self.last_s = -math.inf

    def arrival_s(self, sent_s: float) -> float:
        """World time at which a value sent at `sent_s` is in the host program's hands."""
        arrival_s = sent_s
        if self._interval_s > 0.0:
            event = max(math.ceil((sent_s - self._phase_s) / self._interval_s), self._event)
            if event > self._event and self._rng.random() < self._retry_share:
                event += 1
                while self._rng.random() < _RETRY_MORE:
                    event += 1
            self._event = event
            arrival_s = self._phase_s + event * self._interval_s + self._rng.exponential(_HOST_DELAY_S)
        self.last_s = max(arrival_s, self.last_s + 1e-6)
        return self.last_s


class Damage:
    """What becomes of the notifications of one link: none, one or two copies, whole, cut short or with a wrong bit."""

    def __init__(self, faults: Faults, device: str, rng: np.random.Generator) -> None:
        self.device = device
        self._faults = faults if faults.touches(device) else Faults()
        self._rng = rng
        self._bad = False
        self.lost = 0

    def copies(self, payload: bytes) -> Iterator[bytes]:
        """Yield the copies of one notification's value that arrive."""
        if self._loses():
            self.lost += 1
            return
        if self._rng.random() < self._faults.corrupt_share and payload:
            position = int(self._rng.integers(len(payload)))
            wrong = payload[position] ^ (1 << int(self._rng.integers(8)))
            payload = payload[:position] + bytes((wrong,)) + payload[position + 1 :]
        if self._faults.truncate_share and self._rng.random() < self._faults.truncate_share and payload:
            payload = payload[: int(self._rng.integers(len(payload)))]
        yield payload
        if self._rng.random() < self._faults.duplicate_share:
            yield payload

    def _loses(self) -> bool:
        """One step of the two-state channel: in the bad state everything is lost."""
        share, burst = self._faults.loss_share, self._faults.loss_burst
        if share == 0.0:
            return False
        recover = 1.0 / burst if burst > 1.0 else 1.0 - share
        fail = share * recover / (1.0 - share)
        self._bad = self._rng.random() >= recover if self._bad else self._rng.random() < fail
        return self._bad
