"""The analysis of a session: feed an entry, get events. `analysis` has the whole, the other modules its parts."""

from emgmon.pipeline.analysis import Pipeline
from emgmon.pipeline.settings import Settings

__all__ = ["Pipeline", "Settings"]
