"""Proves, with evidence, that a running service keeps to a written tech-stack specification."""
