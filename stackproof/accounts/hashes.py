"""Stored passwords by their shape: Django's own, the PHC string format, crypt(3), Werkzeug's and Spring's."""

from __future__ import annotations

import re
from collections.abc import Mapping

# "{bcrypt}" before one is Spring's. The group `name` is the algorithm where the shape itself has none; the other
# groups are parameters. No group holds salt or digest.
_SHAPES = (
    (
        None,
        r"(?:argon2\$)?\$?(?P<name>argon2(?:id?|d))\$(?:v=(?P<v>\d+)\$)?"
        r"(?=[^$]*?\bm=(?P<m>\d+))(?=[^$]*?\bt=(?P<t>\d+))(?=[^$]*?\bp=(?P<p>\d+))[a-z]+=\d+,",  # node's write m,p,t
    ),
    (None, r"\$?(?P<name>pbkdf2(?:[-_]sha\d+)?)\$(?:i=)?(?P<iterations>\d+)[$,]"),
    (None, r"(?P<name>pbkdf2:sha\d+):(?P<iterations>\d+)\$"),
    (None, r"(?P<name>bcrypt_sha256)\$\$2[abxy]\$(?P<cost>\d\d)\$"),
    ("bcrypt", r"(?:bcrypt\$)?\$2[abxy]?\$(?P<cost>\d\d)\$"),
    ("scrypt", r"scrypt\$(?P<N>\d+)\$[^$]+\$(?P<r>\d+)\$(?P<p>\d+)\$"),
    ("scrypt", r"scrypt:(?P<N>\d+):(?P<r>\d+):(?P<p>\d+)\$"),
    ("scrypt", r"\$scrypt\$ln=(?P<ln>\d+),r=(?P<r>\d+),p=(?P<p>\d+)\$|\$7\$"),
    ("yescrypt", r"\$y\$"),
    ("sha512crypt", r"\$6\$(?:rounds=(?P<rounds>\d+)\$)?"),
    ("sha256crypt", r"\$5\$(?:rounds=(?P<rounds>\d+)\$)?"),
    ("md5crypt", r"\$(?:1|apr1)\$"),
    (None, r"(?P<name>(?:unsalted_)?(?:md5|sha1|sha256|sha512))\$"),
    ("md5 or another bare digest of 128 bits", r"[0-9a-fA-F]{32}$"),
    ("sha1 or another bare digest of 160 bits", r"[0-9a-fA-F]{40}$"),
)

UNSALTED = "without salt"
_KINDS = {  # for counting a whole table: a kind, its shape, and whether nobody may store passwords so
    "argon2id": (r"^(argon2\$)?\$?argon2id\$", False),
    "argon2i or argon2d": (r"^(argon2\$)?\$?argon2[id]\$", False),
    "pbkdf2": (r"^\$?pbkdf2([-_:]sha\d+)?[$:]", False),
    "bcrypt": (r"^(bcrypt(_sha256)?\$)?\$2[abxy]?\$\d\d\$", False),
    "scrypt or yescrypt": (r"^\$?scrypt[$:]|^\$[7y]\$", False),
    "sha256crypt or sha512crypt": (r"^\$[56]\$", False),
    "md5crypt": (r"^\$(1|apr1)\$", True),
    "md5 or sha1 without salt": (r"^(unsalted_)?(md5|sha1)\$\$[0-9a-fA-F]+$", True),
    "a bare digest of md5's or sha1's length": (r"^[0-9a-fA-F]{32}$|^[0-9a-fA-F]{40}$", True),
    "a single md5, sha1 or sha2 with salt": (r"^(md5|sha1|sha224|sha256|sha384|sha512)\$[^$]+\$[0-9a-fA-F]+$", True),
    "unusable": (r"^[!*]", False),
}


def recognise_hash(value: str, digests: Mapping[str, str]) -> tuple[str, str]:
    """(algorithm, parameters) of a stored password, without salt and digest; "" where the shape is not known.

    Args:
        digests: {digest of the password itself, in hexadecimal: its name}; what is among them has no salt.
    """
    bare = re.sub(r"^\{[\w@-]+\}", "", value)
    if bare.lower() in digests:
        return f"{digests[bare.lower()]} {UNSALTED}", ""
    for name, shape in _SHAPES:
        match = re.match(shape, bare)
        if match:
            told = {key: one for key, one in match.groupdict().items() if one is not None}
            algorithm = name or re.sub(r"[-:]", "_", told.pop("name"))
            return algorithm, ",".join(f"{key}={one}" for key, one in told.items())
    return "", ""


def hash_shapes() -> dict[str, tuple[str, bool]]:
    """{kind: (regular expression for PostgreSQL and Python, whether nobody may store passwords so)}, in order."""
    return dict(_KINDS)
