"""What a movement is, and when a repetition starts, turns and ends."""
