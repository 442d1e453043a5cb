"""Background work: tasks that clients ask for, and those on a schedule."""
