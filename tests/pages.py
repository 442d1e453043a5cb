"""The commands of the documentation: found on a page, parsed like the command does, and run as they stand there.

On a page a line of a shell block is a command; `# leaves with 4: …` beside it promises its exit code, else it is 0.
A block of `toml append` goes to the end of stackproof.toml.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHELL = frozenset({"sh", "bash", "console"})
PROMISE = re.compile(r"# leaves with (\d)")
LONGEST = 300  # seconds for one command


def blocks(page: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page in those languages."""
    return [text for language, _, text in FENCE.findall(page.read_text(encoding="utf-8")) if language in languages]


def lines_of(block: str) -> Iterator[tuple[str, int]]:
    """(command, promised exit code) of each line of a shell block, continued lines joined."""
    for line in block.replace("\\\n", " ").splitlines():
        command = re.split(r"\s+#\s", line)[0].strip().removeprefix("$ ")
        if command and not command.startswith("#"):
            promised = PROMISE.search(line)
            yield command, int(promised[1]) if promised else 0


def commands(page: Path) -> list[str]:
    """Each command of a page's shell blocks."""
    return [command for block in blocks(page, *SHELL) for command, _ in lines_of(block)]


def taken(group: Any, line: str) -> None:
    """Parse a line as the command does, up to a pipe or a redirection; nothing is run."""
    words = shlex.split(line, comments=True)[1:]
    for number, word in enumerate(words):
        if word in {"|", "||", "&&", ";", ">", ">>", "<"}:
            words = words[:number]
            break
    command, context = group, group.make_context("stackproof", list(words), resilient_parsing=not words)
    while words and hasattr(command, "resolve_command"):
        rest = [*getattr(context, "_protected_args", ()), *context.args]
        if not rest:
            return
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)
    assert not context.args


@dataclass
class Walk:
    """A reader who follows a page from its first line to its last, in one folder.

    Attributes:
        replaced: what on the page stands for something of this machine.
        left_out: beginnings of commands that a test cannot follow, each with the reason.
        ready: called after a service was started in the background.
    """

    folder: Path
    environment: Mapping[str, str]
    replaced: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], None] = lambda: None
    followed: list[str] = field(default_factory=list)

    def follow(self, page: Path) -> None:
        """Every command leaves with the exit code that the page promises."""
        with contextlib.ExitStack() as stack:
            self._stack = stack
            for language, more, text in FENCE.findall(page.read_text(encoding="utf-8")):
                if language == "toml" and more.strip() == "append":
                    with (self.folder / "stackproof.toml").open("a", encoding="utf-8") as file:
                        file.write("\n" + self._here(text))
                elif language in SHELL:
                    for command, promised in lines_of(text):
                        self._do(command, promised)

    def _here(self, text: str) -> str:
        for written, real in self.replaced.items():
            text = text.replace(written, real)
        return text

    def _do(self, command: str, promised: int) -> None:
        if command.startswith("export ") or any(command.startswith(one) for one in self.left_out):
            return
        self.followed.append(command)
        if command == "kill %1":
            self._stack.close()
            return
        here = self._here(command)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        settings: dict[str, Any] = {"cwd": self.folder, "env": {**self.environment, "PATH": path}}
        if here.endswith(" &"):
            process = subprocess.Popen(shlex.split(here[:-2]), **settings)
            self._stack.callback(process.wait)
            self._stack.callback(process.terminate)
            self.ready()
            return
        done = subprocess.run(
            ["bash", "-c", here], capture_output=True, text=True, timeout=LONGEST, check=False, **settings
        )
        assert done.returncode == promised, (command, done.stdout[-3000:], done.stderr[-3000:])
        assert "Traceback" not in done.stdout + done.stderr, command
