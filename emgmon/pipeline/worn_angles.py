"""The angles that the worn motion sensors show together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from emgmon.exercise.angles import AngleSet, Pose
from emgmon.model import Array
from emgmon.pipeline.motion import ImuTrack

NOT_CALIBRATED = "{} is not calibrated: stand still for 5 s, then do five slow bows and five squats."


def angles_of(imus: Iterable[ImuTrack], time_s: Array, since_s: float | None = None) -> AngleSet:
    """Return all angles that the worn sensors show.

    Parameters
    ----------
    imus : iterable of ImuTrack
    time_s : (n,) array
        Ascending session times. With n = 1 the newest samples at or before it are taken.
    since_s : float, optional
        Turning is counted from the last stillness at or before this; by default `time_s[0]`.
    """
    worn = tuple(imus)
    begin_s = float(time_s[0]) if since_s is None else since_s

    def find(sites: Sequence[str], side: str) -> Pose | str:
        found = [
            (sites.index(place.muscle), imu)
            for imu in worn
            if (place := imu.placement) and place.muscle in sites and side in {"midline", place.side}
        ]
        if not found:
            where = " ".join(part for part in (side, sites[0].replace("_", " ")) if part != "midline")
            return f"No motion sensor where it is needed ({where})."
        ready = [item for item in found if item[1].frame is not None]
        if not ready:
            return NOT_CALIBRATED.format(f"The sensor {found[0][1].placement}")
        full = [item for item in ready if item[1].frame is not None and item[1].frame.left is not None]
        if not full and sites[0] != "foot":
            return f"The sensor {ready[0][1].placement} does not know the bending axis: repeat the bows and squats."
        return min(full or ready, key=lambda item: item[0])[1].pose(time_s, begin_s)

    return AngleSet(time_s, find)
