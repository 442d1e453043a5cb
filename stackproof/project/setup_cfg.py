"""What setup.cfg declares for setuptools; setup.py is never run."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from pathlib import Path

from stackproof.project.declarations import Declarations, PythonStatement
from stackproof.project.model import Declared, Place, Use
from stackproof.project.requirements_files import RequirementsFiles
from stackproof.project.uses import Uses
from stackproof.project.view import text_of
from stackproof.project.written import UnreadableError, requirement_of, shown, specifiers_in

FILE = "setup.cfg"


class SetupCfg:
    """Reads one setup.cfg."""

    def __init__(self, root: Path, uses: Uses) -> None:
        self._root = root
        self._uses = uses
        self._text = text_of(root, FILE)
        self._unread: list[str] = []
        self._at: dict[str, int] = {}  # line numbers, by lines and by keys
        for number, line in enumerate(self._text.splitlines(), start=1):
            bare = re.sub(r"(^|\s)#.*$", "", line).strip()
            self._at.setdefault(bare, number)
            for part in bare.split("=", 1)[:2]:
                self._at.setdefault(part.strip(), number)

    def read(self) -> Declarations:
        """Everything that the file declares; nothing where it speaks of other things."""
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(self._text)
        except configparser.Error as error:
            line = getattr(error, "lineno", 0) or 0
            at = Place(FILE, line if isinstance(line, int) else 0)
            return Declarations(unread=(f"{at}: is no configuration file that can be read; mend it there",))
        found = Declarations()
        options = dict(parser.items("options")) if parser.has_section("options") else {}
        lists = [(options["install_requires"], Use.PRODUCTION, "")] if "install_requires" in options else []
        lists += [(options["tests_require"], Use.DEVELOPMENT, "tests_require")] if "tests_require" in options else []
        extras = dict(parser.items("options.extras_require")) if parser.has_section("options.extras_require") else {}
        lists += [(text, self._uses.of_extra(extra), extra) for extra, text in extras.items()]
        for text, use, group in lists:
            if text.strip().startswith("file:"):
                named = [one.strip() for one in text.strip().removeprefix("file:").split(",") if one.strip()]
                reader = RequirementsFiles(self._root, self._uses)
                found = found.and_also(reader.read(named, use=use, group=group))
            else:
                found = found.and_also(Declarations(tuple(self._listed(text, use, group))))
        pythons = tuple(self._python(options["python_requires"])) if "python_requires" in options else ()
        files = (FILE,) if lists or pythons else ()
        return found.and_also(Declarations((), tuple(self._unread), files, pythons=pythons))

    def _listed(self, text: str, use: Use, group: str) -> Iterator[Declared]:
        for line in text.replace(";\n", "\n").splitlines():
            bare = re.sub(r"(^|\s)#.*$", "", line).strip()
            if not bare:
                continue
            place = self._place(bare)
            try:
                yield requirement_of(bare, place, use=use, group=group)
            except UnreadableError as error:
                self._unread.append(f"{place}: {error}")

    def _python(self, written: str) -> Iterator[PythonStatement]:
        place = self._place("python_requires")
        try:
            yield PythonStatement(specifiers_in(written), shown(written), place, "python_requires")
        except UnreadableError as error:
            self._unread.append(f"{place}: python_requires {error}")

    def _place(self, text: str) -> Place:
        return Place(FILE, self._at.get(text, 0))
