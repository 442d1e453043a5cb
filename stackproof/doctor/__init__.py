"""The doctor: before a run, what of a target can be seen, what not, and what would change that."""
