"""Refusals of the EMG Stream control point, and the parameters that most of its operations take."""

from firmware_sim.capabilities import KINDS
from firmware_sim.profile import Status
from firmware_sim.sampling import EMG, IMU


class RefusedError(Exception):
    """An operation that the control point answers with another status than success."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status = status


def unsupported(_parameters: bytes, _mtu: int) -> bytes:
    """Refuse an operation that does not exist."""
    raise RefusedError(Status.OP_NOT_SUPPORTED)


def one(parameters: bytes) -> int:
    """Value of the only parameter byte."""
    if len(parameters) != 1:
        raise RefusedError(Status.INVALID_PARAMETER)
    return parameters[0]


def streams_of(parameters: bytes) -> list[int]:
    """Stream ids of a mask byte."""
    mask = one(parameters)
    if mask == 0 or mask & ~(EMG.stream | IMU.stream):
        raise RefusedError(Status.INVALID_PARAMETER)
    return [stream for stream in KINDS if mask & stream]
