"""Whether an environment marker (PEP 508) can hold where the document's Pythons run."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.specifiers import SpecifierSet

_MINORS = range(40)
_PATCHES = (0, 99)
_PLATFORMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
)


@lru_cache(maxsize=4096)
def can_hold(marker: str, pythons: SpecifierSet) -> bool:
    """Whether a marker holds on any CPython inside the set, on Linux, macOS or Windows; what cannot be told may."""
    if not marker:
        return True
    versions = [
        (f"3.{minor}", f"3.{minor}.{patch}")
        for minor, patch in product(_MINORS, _PATCHES)
        if pythons.contains(f"3.{minor}.{patch}", prereleases=True)
    ]
    if not versions:
        return True
    try:
        parsed = Marker(marker)
        return any(
            parsed.evaluate(
                {
                    **platform,
                    "python_version": short,
                    "python_full_version": full,
                    "implementation_name": "cpython",
                    "implementation_version": full,
                    "platform_python_implementation": "CPython",
                    "extra": "",
                }
            )
            for short, full in versions
            for platform in _PLATFORMS
        )
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
        return True
