"""Reading, writing and drawing pictures."""
