"""References to container images, and what their tags promise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_PATH = re.compile(r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*")
_RELEASE = re.compile(r"v?(\d+(?:\.\d+)*(?:(?:a|b|rc|beta|alpha)\d*)?)")
_DISTRIBUTION = re.compile(
    r"(?:alpine[\d.]*|buster|bullseye|bookworm|trixie|forky|sid|jammy|noble|focal|windowsservercore.*)"
)
HUB = ("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com")


class Kept(StrEnum):
    """How a tag stands to the tag that a document names."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reference:
    """`registry/path:tag@digest`.

    Attributes:
        registry: "" for Docker Hub, which is meant where none is written.
        path: without the `library/` of Docker's official images on Docker Hub.
        tag: "" where none is written.
        digest: "sha256:…", "" where there is none.
    """

    registry: str
    path: str
    tag: str
    digest: str

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference.

        Raises:
            ValueError: it is none; the message says what is wrong.
        """
        rest, at, digest = text.strip().partition("@")
        if at and not _DIGEST.fullmatch(digest):
            raise ValueError(f"{text[:120]} has a digest that is none: sha256: and 64 hexadecimal digits")
        first, slash, others = rest.partition("/")
        registry = ""
        if slash and ("." in first or ":" in first or first == "localhost"):
            registry, rest = first.lower(), others
        path, colon, tag = rest.rpartition(":") if ":" in rest.rpartition("/")[2] else (rest, "", "")
        if not _PATH.fullmatch(path) or (colon and not _TAG.fullmatch(tag)):
            raise ValueError(f"{text[:120]!r} is no reference of an image")
        if registry in HUB:
            registry = ""
        if not registry:
            path = path.removeprefix("library/")
        return cls(registry, path, tag, digest)

    def __str__(self) -> str:
        where = f"{self.registry}/" if self.registry else ""
        return f"{where}{self.path}{self.tag and ':'}{self.tag}{self.digest and '@'}{self.digest}"

    @property
    def official(self) -> bool:
        """Whether it is one of Docker's official images by its own name: Docker Hub, no publisher."""
        return not self.registry and "/" not in self.path

    def is_image(self, name: str) -> bool:
        """Whether it is that official image, on Docker Hub or on a mirror that keeps its path."""
        return self.path in {name, f"library/{name}"} or (
            bool(self.registry) and self.path.endswith(f"/library/{name}")
        )

    @property
    def release(self) -> str:
        """The release that the tag begins with, "" where it names none ("latest", "slim")."""
        match = _RELEASE.fullmatch(self.tag.partition("-")[0])
        return match[1] if match else ""

    @property
    def words(self) -> frozenset[str]:
        """The tag's words besides its release: "slim", "bookworm"."""
        parts = self.tag.split("-") if self.tag else []
        return frozenset(parts[1:] if self.release else parts)


def keeps(wanted: Reference, seen: Reference) -> tuple[Kept, str]:
    """Whether a tag is the wanted one or a more specific one of the same kind, and why not."""
    if not seen.tag:
        if seen.digest:
            return Kept.UNKNOWN, "it is named by its digest alone, which no file tells the release of"
        return Kept.NO, "it has no tag, which means latest: that moves from release to release"
    if not seen.release:
        if wanted.release:
            return Kept.NO, f"the tag {seen.tag} names no release, and moves from one to the next"
        return (Kept.YES, "") if seen.words == wanted.words else (Kept.NO, f"the tag is {seen.tag}")
    want, have = wanted.release.split("."), seen.release.split(".")
    if len(have) < len(want) and want[: len(have)] == have:
        return Kept.NO, f"the tag {seen.tag} moves on past {wanted.release}"
    if have[: len(want)] != want:
        return Kept.NO, f"the release is {seen.release}, not {wanted.release}"
    return _kept_words(wanted, seen)


def _kept_words(wanted: Reference, seen: Reference) -> tuple[Kept, str]:
    missing, more = wanted.words - seen.words, seen.words - wanted.words
    other = sorted(one for one in more if _DISTRIBUTION.fullmatch(one))
    if other and any(_DISTRIBUTION.fullmatch(one) for one in missing):
        return Kept.NO, f"the distribution is {other[0]}, not {_one_of(missing)}"
    if other:
        return Kept.NO, f"the distribution is {other[0]}"
    if missing:
        moving = [one for one in sorted(missing) if _DISTRIBUTION.fullmatch(one)]
        if moving:
            return Kept.NO, f"the tag does not say {moving[0]}, and moves from one distribution to the next"
        return Kept.NO, f"the tag does not say {', '.join(sorted(missing))}: that is another variant of the image"
    if more:
        return Kept.UNKNOWN, f"the tag says {', '.join(sorted(more))} besides, which may be another variant"
    return Kept.YES, ""


def _one_of(words: frozenset[str]) -> str:
    return next((one for one in sorted(words) if _DISTRIBUTION.fullmatch(one)), "")


def inside(release: str, constraint: SpecifierSet) -> bool | None:
    """Whether every release that a tag such as `16` may stand for is inside; None where that cannot be told."""
    try:
        seen = Version(release)
        bounds = [Version(one.version.removesuffix(".*")) for one in constraint]
    except InvalidVersion:
        return None
    for bound in bounds:
        longer = bound.release[len(seen.release) :]
        if bound.release[: len(seen.release)] == seen.release and any(longer):
            return None
    return constraint.contains(seen, prereleases=True)
