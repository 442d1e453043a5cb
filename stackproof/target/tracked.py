"""Files of a project that Git tracks, and the secrets that a scanner's rules find in them."""

from __future__ import annotations

import ast
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from stackproof.check import not_assessed
from stackproof.evidence import Recorder
from stackproof.target import git

if TYPE_CHECKING:
    from detect_secrets.core.potential_secret import PotentialSecret

FILES_CAP = 5_000
SIZE_CAP = 1024 * 1024  # bytes of one file
SCAN_WITHIN = 45.0  # seconds

# Rules that know the shape of one provider's secret; entropy and the names of variables call too many things secret.
RULES = (
    "AWSKeyDetector AzureStorageKeyDetector BasicAuthDetector DiscordBotTokenDetector GitHubTokenDetector "
    "GitLabTokenDetector JwtTokenDetector MailchimpDetector NpmDetector OpenAIDetector PrivateKeyDetector "
    "PypiTokenDetector SendGridDetector SlackDetector SquareOAuthDetector StripeDetector TelegramBotTokenDetector "
    "TwilioKeyDetector"
).split()
_LOCKS = re.compile(
    r"(?i)(^|/)(uv|poetry|pipfile|pdm|yarn|cargo|composer|gemfile)\.lock$|(^|/)(package-lock\.json|pnpm-lock\.yaml|go\.sum)$"
)
_DUMMIES = {"Basic Auth Credentials", "JSON Web Token", "Private Key"}  # what tests and manuals make up for themselves
_MADE_UP = re.compile(
    r"(?i)(^|/)(tests?|testing|fixtures?|examples?|samples?|docs?)/|(^|/)(test_[^/]*|[^/]*_tests?|conftest)\.\w+$"
    r"|\.(md|rst|txt|adoc|po|ipynb)$|\.(example|sample|template|dist)$|(^|/)[^/]*\.(example|sample|template)\."
)
_FOR_DEVELOPMENT = re.compile(r"(?i)(^|[/_.-])(dev|devel|development|local|test|testing|ci)([/_.-]|\.\w+$)")
_PLACEHOLDER = re.compile(
    r"(?i)pass(word|wd)?$|^(user|admin|root|guest|secret|test|dummy|fake|postgres|rabbitmq|redis|django|app|dev|foo|bar|xxx+)"
    r"|change.?me|example|placeholder|replace|insert|your|todo|dummy|not.?(a.?|so.?)?(real|secret)|insecure.?(dev|test|local)"
    r"|[<>{}$%]|\*{3}|\.{3}|…|^(.)\3+$"
)
_HERE = re.compile(
    r"(?i)^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1|[^.]*|.*\.(example|test|invalid|localhost|local)|(.*\.)?example\.\w+)$"
)
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'`<>)\]]+", re.IGNORECASE)
_PEM = re.compile(
    r"PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|[\"'\s,+(]|[A-Za-z-]+: [^\n]*\n)*[A-Za-z0-9+/]{40}|^PuTTY-User-Key-File",
    re.MULTILINE,
)
_DOTENV = re.compile(
    r"^\s*(?:export\s+)?(?:\w+_)?SECRET_KEY\s*[=:]\s*(?P<quote>[\"']?)(?P<value>[^\s\"'#]+)(?P=quote)\s*$"
)
_ALLOWED = re.compile(r"(?i)pragma:\s*(allowlist|whitelist)[ -]secret")
_ALLOWED_NEXT = re.compile(r"(?i)pragma:\s*allowlist nextline secret")
LINE_CAP = 4_000  # characters
_KEY_NAME = re.compile(r"^(?:\w+_)?SECRET_KEY$")
KEY_CHARACTERS = 20  # from which a literal SECRET_KEY may be a real one


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a file; what it is, and never its value."""

    file: str
    line: int
    kind: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} ({self.kind})"


@dataclass(frozen=True, slots=True)
class Scan:
    """What was looked at.

    Attributes:
        excused: findings that a baseline or a comment accepts, or that tests and manuals made up.
        left: files that were not read: too big, or time was up.
    """

    found: tuple[Found, ...]
    excused: int
    files: int
    left: int


class Tracked:
    """The tracked files of one folder.

    Raises:
        NotAssessed: from every method, where Git does not know the folder.
    """

    def __init__(self, folder: Path, recorder: Recorder) -> None:
        self._folder = folder
        self._recorder = recorder

    def files(self) -> tuple[str, ...]:
        """Paths of regular files, relative to the folder; at most `FILES_CAP`."""
        trouble = "project.path is no Git repository that can be read"
        listed = git.told(self._folder, "ls-files", "-z", "--cached", tells="which files are tracked", trouble=trouble)
        names = [os.fsdecode(one) for one in listed.split(b"\0") if one]
        there = [one for one in names if not (self._folder / one).is_symlink() and (self._folder / one).is_file()]
        if not there:
            not_assessed("Git tracks no file of project.path")
        self._recorder.add("command", f"git ls-files names {len(there)} files", folder=str(self._folder))
        return tuple(there[:FILES_CAP])

    def scan(self) -> Scan:
        """Look for secrets by rules that know their shape.

        Raises:
            NotAssessed: the scanner is not installed.
        """
        try:
            import detect_secrets  # noqa: F401
        except ImportError:
            not_assessed("the scanner is not installed: pip install 'stackproof[secrets]'")
        files = self.files()
        baseline = _baseline(self._folder / ".secrets.baseline")
        deadline = time.monotonic() + SCAN_WITHIN
        found: list[Found] = []
        excused = read = 0
        for name in files:
            text = _text(self._folder / name) if time.monotonic() < deadline else None
            if text is None or name == ".secrets.baseline" or _LOCKS.search(name):
                continue
            read += 1
            for one, accepted in _in_file(name, text, baseline):
                excused += accepted
                if not accepted and one not in found:
                    found.append(one)
        scan = Scan(tuple(found), excused, read, len(files) - read)
        self._recorder.add(
            "file",
            f"{read} tracked files were scanned, {scan.left} were not (binary, larger than {SIZE_CAP} bytes, time)",
            found=[str(one) for one in found[:50]],
            excused=excused,
        )
        return scan


def _text(path: Path) -> str | None:
    """The text of a file, or None where it is too big, is no text, or cannot be read."""
    try:
        if path.stat().st_size > SIZE_CAP:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    return None if b"\0" in content[:8192] else content.decode("utf-8", "replace")


def _in_file(name: str, text: str, baseline: set[tuple[str, str]]) -> Iterator[tuple[Found, bool]]:
    """Every secret of a file, and whether it is accepted."""
    from detect_secrets.core.potential_secret import PotentialSecret

    made_up = _MADE_UP.search(name) is not None
    lines = text.splitlines()
    rules = [one for one in _rules() if any(shape.search(text) for shape in one.denylist)]
    for number, line in enumerate(lines, 1) if rules else ():
        if len(line) > LINE_CAP:  # minified code and data
            continue
        for secret in (secret for rule in rules for secret in rule.analyze_line(name, line, number)):
            if not _is_placeholder(secret, lines, number):
                kept = (name, secret.secret_hash) in baseline or (made_up and secret.type in _DUMMIES)
                yield Found(name, number, secret.type), kept or _is_allowed(lines, number)
    for number, value in _keys(name, text):
        digest = PotentialSecret.hash_secret(value)
        kept = made_up or _FOR_DEVELOPMENT.search(name) is not None or (name, digest) in baseline
        yield Found(name, number, "SECRET_KEY"), kept or _is_allowed(lines, number)


@cache
def _rules() -> list[Any]:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    found: dict[str, Any] = get_mapping_from_secret_type_to_class()
    classes = {one.__name__: one for one in found.values()}
    return [classes[name]() for name in RULES if name in classes]


def _is_allowed(lines: list[str], number: int) -> bool:
    """A comment on the line, or one before it that speaks of the next line."""
    before = lines[number - 2] if number > 1 else ""
    return bool(_ALLOWED.search(lines[number - 1]) or _ALLOWED_NEXT.search(before))


def _is_placeholder(secret: PotentialSecret, lines: list[str], number: int) -> bool:
    line = lines[number - 1]
    value = secret.secret_value or ""
    if secret.type == "Basic Auth Credentials":
        hosts = []
        for url in _URL.findall(line):
            with suppress(ValueError):
                hosts.append(urlsplit(url).hostname or "")
        return bool(_PLACEHOLDER.search(value)) or not hosts or all(_HERE.match(one) for one in hosts)
    if secret.type == "AWS Access Key":
        return value.endswith("EXAMPLE") or len(value) not in {20, 40}
    if secret.type == "Private Key":  # the words alone stand in code that looks for keys, or writes them
        return not _PEM.search("\n".join(lines[number - 1 : number + 5]))
    if secret.type == "JSON Web Token":
        return not _opens_something(value)
    return bool(re.search(r"(?i)example|placeholder|your|x{6}|0{8}|1234567", value))


def _opens_something(token: str) -> bool:
    """Whether a token in a file can still be of use: it names an issuer or an end, and has not expired."""
    from stackproof.tokens.times import claims_of

    claims = claims_of(token)
    if claims is None or not {"iss", "exp", "aud"} & set(claims.names):
        return False
    return claims.expires is None or claims.expires > time.time()


def _keys(name: str, text: str) -> Iterator[tuple[int, str]]:
    """(line, value) of Django keys that are written out."""
    if "SECRET_KEY" not in text:
        return
    if name.endswith(".py"):
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            for node in ast.walk(ast.parse(text)):
                yield from ((line, value) for line, value in _assigned(node) if _is_key(value))
        return
    if (
        PurePosixPath(name).suffix in {"", ".env", ".yml", ".yaml", ".ini", ".cfg", ".conf", ".toml", ".sh"}
        or ".env" in name
    ):
        for number, line in enumerate(text.splitlines(), 1):
            match = _DOTENV.match(line)
            if match and _is_key(match["value"]):
                yield number, match["value"]


def _assigned(node: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, value) of the literal that a statement assigns to such a name; defaults of a lookup are left aside."""
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets, value = [node.target], node.value
    else:
        return
    named = any(isinstance(one, ast.Name) and _KEY_NAME.match(one.id) for one in targets)
    if named and isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.lineno, value.value


def _is_key(value: str) -> bool:
    """Long and mixed enough to be a real one; Django's own mark of a generated key does not excuse it."""
    bare = value.removeprefix("django-insecure-")
    return len(bare) >= KEY_CHARACTERS and len(set(bare)) >= 10 and not _PLACEHOLDER.search(bare) and " " not in bare


def _baseline(path: Path) -> set[tuple[str, str]]:
    """(file, hash) of what a `.secrets.baseline` accepts: what was not audited as a real secret."""
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        results = data["results"].items()
        return {
            (str(file), str(one["hashed_secret"]))
            for file, found in results
            for one in found
            if one.get("is_secret") is not True
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()
