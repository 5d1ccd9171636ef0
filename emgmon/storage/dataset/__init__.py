"""Analysed recordings as a data set of Parquet tables, a few small files for each recording.

``OUT/TABLE/shard=XX/SHA.parquet``: `TABLE` is one of `TABLES`, `XX` the first two digits of the recording's SHA-256.
Readers of Parquet (pandas, Polars, DuckDB, Arrow) take a table's folder as one table. Recordings and data set lie
wherever fsspec reaches: a folder, ``s3://``, ``sftp://``. The file in ``sessions`` is written last: a recording that
has one from this version's analysis is done, so a run that was cut off goes on where it stopped, and none is done
twice.
"""

from emgmon.storage.dataset.job import Outcome, analyse_into
from emgmon.storage.dataset.places import recordings_in
from emgmon.storage.dataset.tables import TABLES

__all__ = ["TABLES", "Outcome", "analyse_into", "recordings_in"]
