"""Where secrets of the running settings stand in files: python tracked_values.py LIST_OF_FILES.

The list is a file of paths, each ended by NUL, relative to the working folder. The values never leave the process.
"""

import json
import os
import re
import sys
from urllib.parse import unquote

import django

django.setup()

from django.conf import settings  # noqa: E402

SECRET = re.compile(
    r"(?i)(pass(word|wd|phrase)?$|pwd$|secret|(secret|signing|private|api|access|encryption)_?key|token$)"
)
NOT_SECRET = re.compile(
    r"(?i)(cookie_name|header_name|_url$|_path$|_age$|_timeout|hashers|validators|algorithm|verifying)"
)
USERINFO = re.compile(r"(?<=://)[^:/\s]*:([^@\s]+)@")
DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
TELLING = 12  # characters; shorter ones are words that stand in files for many reasons
DIFFERENT = 6  # distinct characters
FILE_CAP = 2 * 1024 * 1024


def values():  # noqa: C901 - one walk with its two helpers
    """{value: name of the setting} of what must not stand in a file."""
    found = {}

    def add(text, name):
        if len(text) >= TELLING and len(set(text)) >= DIFFERENT and not DOTTED.fullmatch(text):
            found.setdefault(text, name)

    def walk(value, name, secret, depth):
        if depth > 6:
            return
        if isinstance(value, dict):
            for key, one in value.items():
                walk(one, f"{name}.{key}", is_secret(str(key)), depth + 1)
        elif isinstance(value, list | tuple | set | frozenset):
            for one in value:
                walk(one, name, secret, depth + 1)
        elif isinstance(value, str | bytes):
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            if secret and not text.startswith("-----BEGIN PUBLIC"):
                add(text.strip(), name)
            for one in USERINFO.findall(text):
                add(one, name)
                add(unquote(one), name)

    for name in dir(settings):
        if name.isupper() and name not in {"LANGUAGES", "LOGGING"}:
            walk(getattr(settings, name), name, is_secret(name), 0)
    return found


def is_secret(name):
    """Whether a setting of that name holds a secret."""
    return bool(SECRET.search(name)) and not NOT_SECRET.search(name)


wanted = {text.encode(): name for text, name in values().items()}
with open(sys.argv[1], "rb") as listed:  # noqa: PTH123 - the target's interpreter may be an old one
    paths = [os.fsdecode(one) for one in listed.read().split(b"\0") if one]
hits, read = [], 0
for path in paths:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            content = file.read(FILE_CAP)
    except OSError:
        continue
    read += 1
    for value, name in wanted.items():
        # Lines of a key in PEM are joined in a file or escaped: its first line of substance tells it
        sought = max(value.splitlines(), key=len) if b"\n" in value else value
        place = content.find(sought)
        if place >= 0:
            hits.append({"file": path, "line": content.count(b"\n", 0, place) + 1, "setting": name})
answer = {"settings": sorted(set(wanted.values())), "files": read, "hits": hits[:100]}
print("\n" + json.dumps({"stackproof": answer}))
