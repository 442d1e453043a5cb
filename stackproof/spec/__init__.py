"""The specification: Markdown in, typed requirements out."""
