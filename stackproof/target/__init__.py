"""The target that is judged: its descriptor and the views on it."""
