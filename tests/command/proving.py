"""One half of the proof, as the command proves it."""

import json
import subprocess
import sys

from stackproof.commands.prove import dealt
from stackproof.faults import read_faults
from stackproof.harness import harness_root

LONGEST = 4800  # seconds; a quarter of an hour on two quiet cores


def assert_proven(half):
    """The faults of "1/2" or "2/2" are noticed by every check that they name, and nothing else is wrong."""
    faults = dealt(read_faults(harness_root() / "sample_app"), (int(half[0]), 2))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "stackproof",
            "prove",
            "--faults-only",
            "--shard",
            half,
            "--services",
            "embedded",
            "--json",
        ],
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert "Traceback" not in done.stderr
    proof = json.loads(done.stdout)

    assert proof["problems"] == []
    assert done.returncode == 0
    assert proof["faults"] == [one.name for one in faults]
    noticed = {(cell["service"], cell["check"]) for cell in proof["cells"] if cell["sight"] == "noticed"}
    assert noticed >= {(one.name, check) for one in faults for check in one.notices}
    assert len(faults) > 100
