"""What good practice asks of those who share a person's care, as pure decisions over documents already read."""
