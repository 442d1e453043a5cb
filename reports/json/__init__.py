"""JSON: the report itself."""
