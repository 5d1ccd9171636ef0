"""How the Sensors page calls a place, which light a channel has, and what that means in words. No Qt."""

from __future__ import annotations

from collections.abc import Iterator

from emgmon.live.state import BATTERY_WEAK_PERCENT, Light, TrainState
from emgmon.live.strings import ENGLISH, words
from emgmon.model import MOTION_WIDTH, MUSCLE_QUANTITIES, PLACES, Placement
from emgmon.runner.board import Channel, View


def name_of(place: Placement) -> str:
    """Return the name of a place for people."""
    key = f"place.{place.muscle}"
    muscle = words(key) if key in ENGLISH else PLACES[place.muscle].title
    return words("place.middle" if place.side == "midline" else "place.at", muscle=muscle, side=place.side)


def judged(channel: Channel, view: View, state: TrainState) -> tuple[Light, str]:
    """Return the light of a channel and what to do about it: the first fault that there is."""
    place = channel.placement
    if place is None:
        offered = view.may_place(channel.device)
        return (Light.WEAK, words("state.nowhere")) if offered else (Light.LOST, words("place.none"))
    return next(_faults(channel, place, view, state), (Light.GOOD, _good(channel)))


def gone(channel: Channel, state: TrainState) -> bool:
    """Say whether the sensor itself is away, whatever its signal was like."""
    place = channel.placement
    return place is not None and state.light(place) is Light.LOST and not state.unusable(place)


def _faults(channel: Channel, place: Placement, view: View, state: TrainState) -> Iterator[tuple[Light, str]]:
    light, seen, battery = state.light(place), state.quality.get(place), view.batteries.get(channel.device)
    if gone(channel, state):
        low = battery is not None and battery <= 2 * BATTERY_WEAK_PERCENT
        yield light, words("state.charge", percent=battery) if low else words("state.lost")
    if any(place.title in said for said in view.doubles):
        yield Light.WEAK, words("state.twice")
    if seen is not None:
        yield light, seen.remedy
    for found in view.findings:
        if place in found.places:
            yield Light.WEAK, words("state.misplaced")
    if place in state.weak:
        yield Light.WEAK, words("state.loss")
    if battery is not None and battery <= BATTERY_WEAK_PERCENT:
        yield Light.WEAK, words("state.low", percent=battery)
    if light is not Light.GOOD:
        yield light, words("state.weak")


def _good(channel: Channel) -> str:
    if channel.quantity in MOTION_WIDTH:
        return words("state.motion")
    return words("state.good" if channel.quantity in MUSCLE_QUANTITIES else "state.heart")
