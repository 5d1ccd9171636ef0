"""What survives a crash: recordings, and files that others made."""
