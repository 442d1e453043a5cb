"""The images that containers are built on."""

from __future__ import annotations

import re

from stackproof.spec.bullets.bullet import Bullet, Topic
from stackproof.spec.model import Kind, Requirement
from stackproof.spec.text import slug

_REFERENCE = re.compile(
    r"(?P<repository>[a-z0-9]+(?:[._/:-]+[a-z0-9]+)*?)(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@sha256:[0-9a-f]{64})?",
    re.ASCII,
)
_TAG = re.compile(r"\d|latest|slim|alpine|stable|bookworm|trixie|bullseye|noble|jammy", re.ASCII)
_PROGRAMS = {"postgres": "postgresql", "valkey": "valkey", "node": "node-js"}


def image_version(reference: str) -> tuple[str, str] | None:
    """`("postgresql", "16")` of "postgres:16-bookworm": slug of the component and the tag's leading version."""
    match = _REFERENCE.fullmatch(reference)
    if match is None or not match["tag"]:
        return None
    version = re.match(r"v?(\d+(?:\.\d+)*)(?![\w.])", match["tag"])
    return (_program(match["repository"]), version[1]) if version else None


def _program(repository: str) -> str:
    last = repository.rsplit("/", 1)[-1]
    return _PROGRAMS.get(last, slug(last))


def image(bullet: Bullet) -> list[Requirement] | None:
    """One base image; the label, or the repository's name, says of what."""
    if bullet.topic is not Topic.IMAGE:
        return None
    words = [code for code in bullet.code if code] or [bullet.value.rstrip(".")]
    match = _REFERENCE.fullmatch(words[0]) if len(words) == 1 else None
    if match is None or not _is_reference(match):
        if not bullet.label:
            return None
        return [bullet.unreadable(f"image.{slug(bullet.label)}", "the one image; write it as `python:3.12-slim`")]
    name = slug(bullet.label) if bullet.label else _program(match["repository"])
    return [bullet.known(f"image.{name}", Kind.IMAGE, words[0])]


def _is_reference(match: re.Match[str]) -> bool:
    """Whether the words are an image and not, say, a user's name, a port or a registry's host."""
    return bool(
        re.search(r"[a-z]", match["repository"].rsplit("/", 1)[-1])
        and ("@" in match[0] or (match["tag"] and _TAG.search(match["tag"])))
    )


RULES = (image,)
