"""The distributions that this interpreter sees, in the order of its path, and the interpreter itself."""

import json
import os
import platform
import sys
from importlib.metadata import distributions


def licence_of(metadata):
    """The licence as a short text: an SPDX expression, else the licence field, else what the classifiers name."""
    for field in ("License-Expression", "License"):
        text = str(metadata[field] or "").strip()
        if text and len(text) <= 100 and "\n" not in text and text.upper() != "UNKNOWN":
            return text
    named = [str(one).rsplit("::", 1)[-1].strip() for one in metadata.get_all("Classifier") or []
             if str(one).startswith("License ::")]  # fmt: skip
    return " or ".join(named)[:100]


def described(one):
    """What a distribution says of itself; None where its folder holds no readable metadata."""
    try:
        metadata = one.metadata
        name = metadata["Name"]
        if not name:
            return None
        place = getattr(one, "_path", None)
        return {
            "name": str(name),
            "version": str(metadata["Version"] or ""),
            "requires": [str(line) for line in one.requires or []][:300],
            "requires_python": str(metadata["Requires-Python"] or ""),
            "licence": licence_of(metadata),
            "location": os.path.dirname(str(place))[:300] if place is not None else "",  # noqa: PTH120 - a path's text
        }
    except Exception:  # a broken folder among good ones must not hide the good ones
        return None


implementation = sys.implementation.version
level = "" if implementation.releaselevel == "final" else f"{implementation.releaselevel[0]}{implementation.serial}"
markers = {  # PEP 508, environment markers
    "os_name": os.name,
    "sys_platform": sys.platform,
    "platform_machine": platform.machine(),
    "platform_python_implementation": platform.python_implementation(),
    "platform_release": platform.release(),
    "platform_system": platform.system(),
    "platform_version": platform.version(),
    "python_version": ".".join(platform.python_version_tuple()[:2]),
    "python_full_version": platform.python_version(),
    "implementation_name": sys.implementation.name,
    "implementation_version": ".".join(str(part) for part in implementation[:3]) + level,
}
found = [one for one in map(described, distributions()) if one]
answer = {
    "python": platform.python_version(),
    "executable": sys.executable,
    "markers": markers,
    "distributions": found[:3000],
}
print("\n" + json.dumps({"stackproof": answer}))
