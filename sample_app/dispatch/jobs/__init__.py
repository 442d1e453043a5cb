"""Jobs: what is to be done, where, by whom, until when."""
