"""Dispatch: jobs for field teams, with live updates and background work."""
