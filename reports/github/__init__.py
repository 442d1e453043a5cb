"""The report as annotations of a GitHub workflow."""
