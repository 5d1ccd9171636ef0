"""When each sample happened: running indices that tell loss, and sensor clocks put on the session's clock."""
