"""Conforming variations of the service: other ways of keeping to the same specification."""
