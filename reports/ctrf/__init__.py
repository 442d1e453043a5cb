"""CTRF, the common test report format."""
