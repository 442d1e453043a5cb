"""The distributions that this interpreter sees, and the interpreter itself."""

import json
import platform
import sys
from importlib.metadata import distributions

found = []
for one in distributions():
    name = one.metadata["Name"]
    if name:
        found.append(
            {
                "name": name,
                "version": one.version or "",
                "requires": list(one.requires or [])[:300],
                "requires_python": one.metadata["Requires-Python"] or "",
                "location": str(getattr(one, "_path", ""))[:300],
            }
        )
print(json.dumps({"python": platform.python_version(), "executable": sys.executable, "distributions": found[:3000]}))
