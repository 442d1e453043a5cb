"""A project's files, read and never run: what is declared, what is locked, which images and tools it names."""
