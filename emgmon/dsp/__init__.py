"""Streaming filters: the same numbers whatever the block size."""
