"""An example: the report of a real run, with its evidence cut short, and what every writer makes of it."""
