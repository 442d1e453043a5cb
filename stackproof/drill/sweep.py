"""Drops the table of a drill whose process was killed: run by the watchdog, with the DSN in its environment."""

from __future__ import annotations

import os
import sys

from stackproof.drill.recovery import SWEEP_VARIABLE, drop

if __name__ == "__main__":
    drop(os.environ[SWEEP_VARIABLE], sys.argv[1])
