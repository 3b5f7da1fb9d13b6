"""What each real server program answers, byte for byte; one program per file."""
