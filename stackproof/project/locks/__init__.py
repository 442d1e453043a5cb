"""What is locked: a reader for each format, which packages an interpreter takes, and what a lock should be.

`reading` finds the locks of a project. A reader gives a `Lock` (stackproof/project/model.py) or raises `NotAssessed`
with file, line and cure; none ever runs anything of the project.
"""
