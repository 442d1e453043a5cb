"""`stackproof.toml`: its tables, and reading it with one line for each mistake."""
