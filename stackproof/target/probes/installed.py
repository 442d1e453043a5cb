"""The distributions that this interpreter sees, in the order of its path, and the interpreter itself.

Kept in words that every Python since 2.7 understands, so that an old one is told from a broken one.
"""

import sys

_path = list(sys.path)
sys.path[:] = [one for one in _path if one]  # a module of the project's folder must not stand for one of Python's

import json  # noqa: E402
import os  # noqa: E402
import platform  # noqa: E402
import re  # noqa: E402

try:
    from importlib.metadata import distributions
except ImportError:  # before Python 3.8
    distributions = None

sys.path[:] = _path


def described(one):
    """What a distribution says of itself; None where its folder holds no readable metadata."""
    try:
        metadata = one.metadata
        name = metadata["Name"]
        if not name:
            return None
        return {
            "name": str(name),
            "version": str(metadata["Version"] or ""),
            "requires": [str(line) for line in one.requires or []][:300],
            "requires_python": str(metadata["Requires-Python"] or ""),
            "location": folder_of(one),
        }
    except Exception:  # a broken folder among good ones must not hide the good ones
        return None


def folder_of(one):
    """The folder of the path that a distribution was found in."""
    place = getattr(one, "_path", None)
    return os.path.dirname(str(place))[:300] if place is not None else ""  # noqa: PTH120 - a path's text


def by_folder_name(one):
    """What the name of a folder without readable metadata tells: the distribution, and no version of it."""
    place = str(getattr(one, "_path", ""))
    found = re.match(r"^([A-Za-z0-9][A-Za-z0-9._]*)-[^-]+(-.*)?\.(dist|egg)-info$", os.path.basename(place))  # noqa: PTH119
    if not found:
        return None
    return {"name": found.group(1), "version": "", "requires": [], "requires_python": "", "location": folder_of(one)}


def of_old_python():
    """The same, from the folders themselves."""
    for folder in sys.path:
        try:
            names = sorted(os.listdir(folder or "."))  # noqa: PTH208
        except OSError:
            continue
        for name in names:
            file = {".dist-info": "METADATA", ".egg-info": "PKG-INFO"}.get(name[name.rfind(".") :])
            if file is None:
                continue
            path = os.path.join(folder, name)  # noqa: PTH118
            try:
                with open(os.path.join(path, file) if os.path.isdir(path) else path, "rb") as stream:  # noqa: PTH112, PTH118, PTH123
                    lines = stream.read(1000000).decode("utf-8", "replace").split("\n\n")[0].splitlines()
            except (IOError, OSError):  # noqa: UP024 - two before Python 3.3
                continue
            fields = [line.partition(": ")[::2] for line in lines]
            of = {}
            for key, value in fields:
                of.setdefault(key, value.strip())
            if of.get("Name"):
                yield {
                    "name": of["Name"],
                    "version": of.get("Version", ""),
                    "requires": [value.strip() for key, value in fields if key == "Requires-Dist"][:300],
                    "requires_python": of.get("Requires-Python", ""),
                    "location": folder[:300],
                }


def plain(name):
    """A name as PEP 503 normalises it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def found_here():
    """Every distribution; one without readable metadata only where nothing else has its name."""
    if distributions is None:
        return list(of_old_python())
    seen = [(one, described(one)) for one in distributions()]
    good = [told for _, told in seen if told]
    names = set(plain(told["name"]) for told in good)  # noqa: C401 - as old Pythons write it
    broken = [told for told in (by_folder_name(one) for one, told in seen if not told) if told]
    return good + [told for told in broken if plain(told["name"]) not in names]


implementation = getattr(sys, "implementation", None)
release = implementation.version if implementation else sys.version_info
level = "" if release.releaselevel == "final" else release.releaselevel[0] + str(release.serial)
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
    "implementation_name": implementation.name if implementation else platform.python_implementation().lower(),
    "implementation_version": ".".join(str(part) for part in release[:3]) + level,
}
answer = {
    "python": platform.python_version(),
    "executable": sys.executable,
    "markers": markers,
    "distributions": found_here()[:3000],
}
sys.stdout.write("\n" + json.dumps({"stackproof": answer}) + "\n")
