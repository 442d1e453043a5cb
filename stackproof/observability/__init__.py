"""Logs and reports of errors: what stands in them, and what must not."""
