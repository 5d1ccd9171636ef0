"""What the world does to a sensor: its crystal, its battery, its electrodes, and when the person begins."""

from dataclasses import dataclass

NOT_BEGUN_S = 80_000_000.0


@dataclass(frozen=True, slots=True)
class Clock:
    """A crystal: device time runs `ppm` fast since boot and shows `offset_us` then."""

    ppm: float
    offset_us: int
    booted_s: float

    def device_us(self, world_s: float) -> int:
        """Device time at a world time, µs, not wrapped."""
        return self.offset_us + round((world_s - self.booted_s) * self.rate * 1e6)

    @property
    def rate(self) -> float:
        """Device seconds per world second."""
        return 1.0 + self.ppm * 1e-6


@dataclass(slots=True)
class Conditions:
    """What the world does to a sensor.

    `begin_s` is the world time at which the script begins (far away while the person still waits);
    `lifted_s` are script times (from, to) without electrode contact.
    """

    begin_s: float = NOT_BEGUN_S
    charging: bool = False
    battery_percent: float = 90.0
    lifted_s: tuple[tuple[float, float], ...] = ()

    def lifted(self, world_s: float) -> bool:
        """Whether the electrode is off at a world time."""
        script_s = world_s - self.begin_s
        return any(from_s <= script_s < to_s for from_s, to_s in self.lifted_s)
