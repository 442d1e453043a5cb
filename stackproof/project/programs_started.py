"""What a command line starts: through shells, runners and scripts, without running any of it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from stackproof.project.dockerfile import Command
from stackproof.project.substitution import Unresolved, filled

DEPTH_CAP = 6  # shells and scripts inside one another
WORDS_CAP = 2_000
TEXT_CAP = 64 * 1024  # characters of a piece of shell

#: programs that serve HTTP for a Python application
SERVERS = frozenset(
    "daphne gunicorn uvicorn hypercorn granian uwsgi waitress-serve waitress mod_wsgi-express flask fastapi runserver "
    "runserver_plus runsslserver runserver_uvicorn".split()
)
_DEVELOPMENT_SERVERS = frozenset("runserver runserver_plus runsslserver runserver_uvicorn".split())
_SHELLS = frozenset("sh bash dash ash zsh".split())
#: name -> options of it that take a word of their own
_RUNNERS: Mapping[str, frozenset[str]] = {
    "exec": frozenset({"-a"}),
    "env": frozenset({"-u", "-C", "--unset", "--chdir"}),
    "nohup": frozenset(),
    "nice": frozenset({"-n"}),
    "ionice": frozenset({"-c", "-n"}),
    "time": frozenset(),
    "tini": frozenset({"-p", "-e"}),
    "docker-init": frozenset(),
    "catatonit": frozenset(),
    "dumb-init": frozenset({"-r", "--rewrite"}),
    "stdbuf": frozenset({"-o", "-e", "-i"}),
    "opentelemetry-instrument": frozenset(),
    "ddtrace-run": frozenset(),
    "newrelic-admin": frozenset(),
    "command": frozenset(),
}
_WITH_A_WORD = frozenset({"timeout", "gosu", "su-exec", "setpriv", "chpst"})  # a word of their own comes first
_RUN = {  # these run a program by the word `run` (or `exec`)
    "uv": frozenset(
        "--with --with-requirements --with-editable --extra --group --no-group --only-group --package --project "
        "--directory --env-file --python -p --index-url --config-file --cache-dir --isolated-from".split()
    ),
    "poetry": frozenset({"-C", "--directory", "-P", "--project"}),
    "pipenv": frozenset(),
    "pdm": frozenset({"-p", "--project", "--venv"}),
    "hatch": frozenset({"-e", "--env"}),
    **dict.fromkeys(
        ("conda", "mamba", "micromamba"), frozenset({"-n", "--name", "-p", "--prefix", "--cwd", "-r", "--root-prefix"})
    ),
    "pixi": frozenset({"-e", "--environment", "--manifest-path"}),
    "rye": frozenset(),
    "dotenv": frozenset({"-f", "--file", "-e"}),
    "doppler": frozenset({"-p", "--project", "-c", "--config"}),
    "newrelic-admin": frozenset(),
}
#: what these start stands in a file of their own
_BY_A_FILE = frozenset(
    "supervisord s6-svscan init runsvdir circusd honcho foreman make just task invoke inv fab npm pm2 overmind "
    "hivemind".split()
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_ENDS = frozenset("&& || ; | & ( ) |& ;; { } then do else elif fi done ! if while".split())


@dataclass(frozen=True, slots=True)
class Started:
    """One program that a command line starts.

    Attributes:
        program: "daphne", "gunicorn", "runserver", "celery", "manage.py migrate"; "" where it cannot be told.
        words: of it, for whoever looks at its options.
        trouble: why it cannot be told.
    """

    program: str
    words: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def serves(self) -> bool:
        """Whether it is a server of HTTP for a Python application."""
        return self.program in SERVERS

    @property
    def develops(self) -> bool:
        """Whether it is a server for development."""
        return self.program in _DEVELOPMENT_SERVERS


type Script = Callable[[str], str | None]


def started_by(
    entrypoint: Command | None, command: Command | None, variables: Mapping[str, str], script: Script
) -> list[Started]:
    """What a container's entry point and command start, in their order.

    Args:
        variables: values of what the shell fills in, as far as they are known.
        script: gives the text of a script of the project by its name in the image, or None.
    """
    reader = _Reader(variables, script)
    if entrypoint is None or not entrypoint.words:
        return reader.command(command)
    if entrypoint.for_shell:  # the shell form ignores CMD
        return reader.command(entrypoint)
    rest: tuple[str, ...] = ()
    if command is not None:
        rest = ("sh", "-c", *command.words) if command.for_shell else command.words
    return reader.words([*entrypoint.words, *rest], 0)


class _Reader:
    def __init__(self, variables: Mapping[str, str], script: Script) -> None:
        self._variables = variables
        self._script = script

    def command(self, command: Command | None) -> list[Started]:
        if command is None or not command.words:
            return []
        return self.text(command.words[0], 0, ()) if command.for_shell else self.words(list(command.words), 0)

    def text(self, text: str, depth: int, arguments: Sequence[str]) -> list[Started]:
        """Every program of a piece of shell; what cannot be cut into words is told as trouble."""
        if len(text) > TEXT_CAP:
            return [Started("", trouble="a piece of shell of that length is not read")]
        found: list[Started] = []
        for segment in _segments(text):
            if isinstance(segment, str):
                found.append(Started("", trouble=segment))
            elif _passes_on(segment):
                found += self.words(list(arguments), depth + 1) if arguments else []
            else:
                found += self.words(segment, depth)
        return found

    def words(self, words: list[str], depth: int) -> list[Started]:
        """What a list of words starts."""
        if depth > DEPTH_CAP or len(words) > WORDS_CAP:
            return [Started("", trouble="the command leads through too many others")]
        while words:
            words = [self._known(words[0]), *words[1:]]
            if _ASSIGNMENT.match(words[0]):
                words = words[1:]
                continue
            name = PurePosixPath(words[0]).name
            if name in _SHELLS and (inner := self._of_shell(words, depth)) is not None:
                return inner
            shorter = _unwrapped(name, words)
            if shorter is None:
                return self._program(name, words, depth)
            words = shorter
        return []

    def _known(self, word: str) -> str:
        try:
            return filled(word, self._variables, escape="\\")
        except Unresolved:
            return word

    def _of_shell(self, words: list[str], depth: int) -> list[Started] | None:
        for number, word in enumerate(words[1:], 1):
            if re.fullmatch(r"-[a-z]*c", word):
                text = words[number + 1] if number + 1 < len(words) else ""
                return self.text(text, depth + 1, words[number + 3 :])
            if not word.startswith("-"):
                return self._scripted(word, words[number + 1 :], depth)
        return None

    def _program(self, name: str, words: list[str], depth: int) -> list[Started]:
        if "$" in words[0]:
            return [Started("", trouble=f"what {words[0][:60]} stands for is not known")]
        if re.fullmatch(r"python[\d.]*|pypy[\d.]*", name):
            return self._python(words[1:], depth)
        if name in {"manage.py", "django-admin", "django-admin.py"}:
            return [_managed(words[1:])]
        if name in _BY_A_FILE:
            return [Started("", trouble=f"what {name} starts stands in a file of its own, which is not read")]
        if name in SERVERS:
            return [Started(name, tuple(words))]
        if name.endswith((".sh", ".bash")) or "/" in words[0] or "entrypoint" in name:
            return self._scripted(words[0], words[1:], depth)
        return [Started(name, tuple(words))]

    def _python(self, words: list[str], depth: int) -> list[Started]:
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word == "-m" or (word.startswith("-") and not word.startswith("--") and word.endswith("m")):
                module = rest[0] if rest else ""
                if module == "django":
                    return [_managed(rest[1:])]
                return self.words([module.split(".")[0].replace("_", "-") if module else "", *rest[1:]], depth + 1)
            if word in {"-W", "-X"}:
                rest = rest[1:]
            elif word == "-c":
                return [Started("", trouble="it runs a piece of Python, which is not read")]
            elif not word.startswith("-"):
                name = PurePosixPath(word).name
                if name == "manage.py":
                    return [_managed(rest)]
                if name in SERVERS:  # the script of a virtual environment
                    return [Started(name, (name, *rest))]
                return [Started("", trouble=f"what {word[:60]} starts is Python, which is not read")]
        return [Started("python")]

    def _scripted(self, path: str, arguments: Sequence[str], depth: int) -> list[Started]:
        name = PurePosixPath(path).name
        if name in SERVERS:
            return [Started(name, (name, *arguments))]
        if name == "manage.py":
            return [_managed(list(arguments))]
        text = self._script(path)
        if text is None:
            if name.endswith((".sh", ".bash")) or "entrypoint" in name:
                return [Started("", trouble=f"the script {path[:60]} is not found in the project")]
            return [Started(name, (path, *arguments))]
        first = text.partition("\n")[0]
        if "python" in first and first.startswith("#!"):
            return [Started("", trouble=f"what {path[:60]} starts is Python, which is not read")]
        if depth >= 2:
            return [Started("", trouble=f"the script {path[:60]} is called by another one, and is not read")]
        return self.text(text, depth + 2, list(arguments))


def _managed(words: list[str]) -> Started:
    """A command of Django's; its options may stand before it."""
    name = next((one for one in words if not one.startswith("-")), "")
    return Started(name, tuple(words)) if name in SERVERS else Started(f"manage.py {name}".strip(), tuple(words))


def _passes_on(words: Sequence[str]) -> bool:
    """`"$@"`, also behind an init or another user."""
    return bool(words) and words[-1] in {"$@", "$*", "${@}"} and len(words) <= 4


def _unwrapped(name: str, words: list[str]) -> list[str] | None:
    """The words behind a runner, None where there is none."""
    if name in _RUN:
        for number, word in enumerate(words[1:], 1):
            if word in {"run", "run-program", "exec"}:
                return _behind(words[number + 1 :], _RUN[name])
        return None
    if name in _RUNNERS:
        return _behind(words[1:], _RUNNERS[name])
    if name in _WITH_A_WORD:
        rest = _behind(words[1:], frozenset({"-s", "-k", "--signal", "-u"}))
        return rest[1:] if name != "setpriv" else rest
    if "--" in words and name.startswith(("wait", "dockerize", "chamber", "aws-vault", "op", "vault", "envconsul")):
        return words[words.index("--") + 1 :]
    return None


def _behind(words: list[str], with_a_word: frozenset[str]) -> list[str]:
    rest = list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option == "--":
            break
        if option in with_a_word and rest:
            rest.pop(0)
    return rest


def _segments(text: str) -> Iterator[list[str] | str]:
    """Lists of words between `&&`, `;` and line ends; a text where they cannot be told."""
    joined = re.sub(r"\\\r?\n", " ", text)
    for line in joined.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        try:
            words = list(lexer)
        except ValueError:
            if any(server in line for server in SERVERS):
                yield f"{line.strip()[:60]!r} is not understood"
            continue
        current: list[str] = []
        for word in words:
            if word in _ENDS or re.fullmatch(r"[;&|()]+", word):
                if current:
                    yield current
                current = []
            elif re.fullmatch(r"[<>]+", word):
                continue
            else:
                current.append(word)
        if current:
            yield current
