"""Seeing what the service does: logs, request ids, health, errors."""
