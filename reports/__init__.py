"""Writers of the report, a folder a format."""
