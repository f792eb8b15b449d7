"""Closes the sessions that a dead kernel left open: a watchdog process and a journal on disk."""
