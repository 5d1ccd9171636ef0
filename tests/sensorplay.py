"""Plays the radio and the host of a simulated sensor, by hand."""

from firmware_sim.sensors.base import Subscribe, Write


def payloads(sent, port):
    return [payload for _, uuid, payload in sent if uuid == port]


def live(sensor, until_s, *, from_s=0.0, step_s=0.1, air=True):
    """Let time pass in steps; all that was sent."""
    sent = []
    for step in range(1, round((until_s - from_s) / step_s) + 1):
        sent += sensor.advance(from_s + step * step_s, air=air)
    return sent


def start(sensor, world_s=0.0, mtu=247, interval_s=0.015):
    """Do what the book says, at one moment; answers to its writes."""
    sensor.connected(world_s, interval_s)
    answers = []
    for step in sensor.book():
        if isinstance(step, Subscribe):
            sensor.subscribed(step.uuid, True, mtu, world_s)
        elif isinstance(step, Write):
            answers += sensor.write(step.uuid, step.payload, mtu, world_s)
    return answers
