"""The report of a run: its data model, loading and saving."""
