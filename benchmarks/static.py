"""Reading and judging a project's files, over `uv pip check` and a script by hand, as ratios in one run.

    uv run python benchmarks/static.py [--rounds N] [--sizes 50 200 1000] [--without-command]

Projects of so many packages are made up: half of them declared in pyproject.toml, half in requirements files that
include each other, all of them locked in uv.lock, and as many installed in an environment. Some of the declarations
break a row or the pinning strategy. Three things are measured, in seconds of CPU:

- reading and judging: every check of suites/stack that needs the project's files alone, run in a process that has
  imported everything and read nothing; the files are read anew in every round;
- the whole command, `stackproof run --project FOLDER --suite stack`, with its start-up, its processes and its report;
- the rival: `uv pip check` on the environment, and a script (below) that asks the same questions of the declarations
  in the plainest way. It is started as a process; what it answers has to be what the checks answer.

Budgets: reading and judging 200 packages takes less than 1 s of CPU, and five times as many packages take at most five
times as long, with a fifth for the noise. Without uv there is no ratio, and the exit code is 3.
"""

from __future__ import annotations

import argparse
import inspect
import itertools
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

BUDGET = 1.0  # seconds of CPU at 200 packages
AT = 200
NOISE = 1.2

RIVAL = r"""
import json, re, sys, tomllib
from pathlib import Path
from packaging.requirements import Requirement
from packaging.version import Version

root, rows = Path(sys.argv[1]), json.loads(sys.argv[2])
asked, read = [], set()

def take(path):
    if path in read:
        return
    read.add(path)
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("-r"):
            take(path.parent / line[2:].strip())
        elif line:
            asked.append(Requirement(line))

asked += map(Requirement, tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"])
for path in sorted((root / "requirements").glob("*.in")):
    take(path)
candidates = [Version(f"{major}.{minor}") for major in range(40) for minor in range(30)]
formless, outside = [], []
for one in asked:
    lower = [part for part in one.specifier if part.operator in (">=", "~=")]
    upper = [part for part in one.specifier if part.operator in ("<", "~=")]
    if not lower or not upper or any(part.operator == "==" for part in one.specifier):
        formless.append(one.name)
    elif Version(upper[0].version).major > Version(lower[0].version).major + 1:
        formless.append(one.name)
    if one.name in rows:
        row = Requirement(f"x{rows[one.name]}").specifier
        if any(one.specifier.contains(version) and not row.contains(version) for version in candidates):
            outside.append(one.name)
locked = {one["name"]: one["version"] for one in tomllib.loads((root / "uv.lock").read_text())["package"]}
for one in asked:
    one.specifier.contains(locked[one.name], prereleases=True)
print(json.dumps({"formless": sorted(formless), "outside": sorted(outside)}))
"""


def main() -> int:
    """Print a line for each size, and the ratios; the exit code is 1 beyond a budget or in disagreement."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=5, help="measured rounds per size (default 5)")
    arguments.add_argument(
        "--sizes", type=int, nargs="+", default=[50, AT, 1000], help="packages (default 50 200 1000)"
    )
    arguments.add_argument("--without-command", action="store_true", help="leave out the whole command")
    chosen = arguments.parse_args()
    uv = shutil.which("uv")
    if uv is None:
        print("uv is not there: no rival, and no ratio. Install it.")
        return 3
    ours: dict[int, float] = {}
    agree = True
    with tempfile.TemporaryDirectory(prefix="stackproof-static-") as folder:
        for size in chosen.sizes:
            root = make(Path(folder) / f"of-{size}", size)
            judging = Judging(root)
            first, *more = (cpu_of(judging.run) for _ in range(chosen.rounds + 1))
            mine = statistics.median(more)
            theirs = statistics.median(
                cpu_of(lambda root=root: rival(uv, root), children=True) for _ in range(chosen.rounds)
            )
            answer = rival(uv, root)
            same = answer == judging.answers()
            agree, ours[size] = agree and same, mine
            line = f"{size} packages: reading and judging {mine:.3f} s of CPU in process "
            line += f"({first:.3f} s the first time; {judging.count} checks), "
            line += f"uv pip check and the script {theirs:.3f} s, ratio {mine / theirs:.2f}"
            if not chosen.without_command:
                whole = statistics.median(cpu_of(lambda root=root: command(root), children=True) for _ in range(2))
                line += f"; the whole command {whole:.2f} s, ratio {whole / theirs:.2f}"
            print(f"{line}; answers {'agree' if same else f'DIFFER: {answer} and {judging.answers()}'}", flush=True)
    if judging.left_out:
        print(f"left out, for they need more than files: {', '.join(judging.left_out)}")
    return conclude(ours, agree)


def conclude(ours: dict[int, float], agree: bool) -> int:
    """The budgets, each with what was measured."""
    holds = agree
    if AT in ours:
        holds = holds and ours[AT] < BUDGET
        print(f"{AT} packages: {ours[AT]:.3f} s of CPU, budget {BUDGET:.1f} s")
    sizes = sorted(ours)
    for small, large in itertools.pairwise(sizes):
        growth, linear = ours[large] / ours[small], large / small
        holds = holds and growth <= linear * NOISE
        print(f"{small} to {large} packages: {growth:.2f} times the CPU, linear would be {linear:.2f}")
    return 0 if holds else 1


class Judging:
    """Runs the checks that need files alone, as plain functions."""

    def __init__(self, root: Path) -> None:
        from stackproof.check import View
        from stackproof.descriptor.model import About, Descriptor, Project
        from stackproof.harness import reference_specification
        from stackproof.registry import _import, load_checks
        from stackproof.spec import read

        self.specification = read(reference_specification())
        python = root / ".venv" / "bin" / "python"
        self.descriptor = Descriptor(target=About(name="made up"), project=Project(path=root, python=python))
        self.left_out: list[str] = []
        self.planned: list[tuple[Callable[..., None], Any]] = []
        for one in load_checks():
            if not one.id.startswith("stack/") or one.check.needs != {View.FILES}:
                continue
            function = getattr(_import(one.path), one.id.rpartition("::")[2])
            if unknown := set(inspect.signature(function).parameters) - set(self._given(None)):
                self.left_out.append(f"{one.id} ({', '.join(sorted(unknown))})")
                continue
            self.planned += [(function, which) for which in self.specification.every if one.check.selects(which)]

    @property
    def count(self) -> int:
        """How many times a check is called."""
        return len(self.planned)

    def run(self) -> None:
        """Read everything anew, and judge every requirement."""
        from stackproof.check import NotApplicable, NotAssessed, Violation

        forget()
        for function, requirement in self.planned:
            given = self._given(requirement)
            try:
                function(**{name: given[name] for name in inspect.signature(function).parameters})
            except (Violation, NotAssessed, NotApplicable):
                continue

    def answers(self) -> dict[str, list[str]]:
        """What the rival answers, too."""
        from stackproof.project import alignment, pins
        from stackproof.project.view import ProjectFiles
        from stackproof.spec.model import Kind

        declared = ProjectFiles(self.descriptor, self._given(None)["recorder"]).declared()
        forms = pins.forms_of(self.specification.find("pinning.production.compatible-release").value.options)
        rows = {
            one.value.package: one.value.constraint
            for one in self.specification.requirements
            if one.kind is Kind.VERSION
        }
        formless = pins.judge_forms(declared, pins.DEPLOYED, forms, {}).offences
        pythons = self.specification.find("version.python").value.constraint
        outside = [
            name for name, row in rows.items() if name and alignment.align(declared, name, row, pythons).offences
        ]
        places = {str(one.place): one.name for one in declared}
        named = [places[text.partition(": ")[0]] for text in formless]
        return {"formless": sorted(named), "outside": sorted(outside)}

    def _given(self, requirement: Any) -> dict[str, Any]:
        from stackproof.evidence import Recorder, Redactor
        from stackproof.expect import Expect
        from stackproof.project.view import ProjectFiles

        recorder = Recorder(Redactor())
        return {
            "requirement": requirement,
            "recorder": recorder,
            "expect": Expect(recorder),
            "files": ProjectFiles(self.descriptor, recorder),
            "specification": self.specification,
            "descriptor": self.descriptor,
            "today": datetime.now(UTC).date(),
        }


def forget() -> None:
    """Empty what is remembered of a project from one check to the next, as a new process would find it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("stackproof.project"):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def rival(uv: str, root: Path) -> dict[str, Any]:
    """What `uv pip check` and the script say."""
    python = root / ".venv" / "bin" / "python"
    subprocess.run([uv, "pip", "check", "-q", "--python", str(python)], capture_output=True, check=False)
    done = subprocess.run(
        [sys.executable, "-c", RIVAL, str(root), json.dumps(ROWS)], capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def command(root: Path) -> None:
    """The whole run, started as a user starts it."""
    words = ["run", "--project", str(root), "--suite", "stack", "--quiet", "--output", str(root / "run")]
    done = subprocess.run([sys.executable, "-m", "stackproof", *words], capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1, 4}:
        raise SystemExit(f"the command ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    shutil.rmtree(root / "run")


def cpu_of(work: Callable[[], object], *, children: bool = False) -> float:
    """Seconds of CPU, user and system, of this process or of those that it started meanwhile."""
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    before = resource.getrusage(who)
    work()
    after = resource.getrusage(who)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


ROWS = {"django": ">=5.2,<5.3", "celery": ">=5.6,<6.0", "redis": ">=5.2,<6.0", "pydantic": ">=2.10,<3.0"}
OF_ROWS = ["django>=5.2,<5.3", "celery>=5.3,<6.0", "redis>=5.2,<6.0", "pydantic>=2.10,<4.0"]


def make(root: Path, size: int) -> Path:
    """A project of so many packages, with its lock and its environment."""
    root.mkdir(parents=True)
    (root / "requirements").mkdir()
    lines = [*OF_ROWS, *made_up(size - len(OF_ROWS))]
    half = len(lines) // 2
    listed = "".join(f'  "{one}",\n' for one in lines[:half])
    (root / "pyproject.toml").write_text(
        f'[project]\nname = "made-up"\nversion = "1.0"\nrequires-python = ">=3.12,<3.14"\ndependencies = [\n{listed}]\n'
    )
    third = max(1, (len(lines) - half) // 3)
    parts = [lines[half : half + third], lines[half + third : half + 2 * third], lines[half + 2 * third :]]
    (root / "requirements" / "base.in").write_text("\n".join(["# what all have", *parts[0]]) + "\n")
    (root / "requirements" / "web.in").write_text("\n".join(["-r base.in", *parts[1]]) + "\n")
    (root / "requirements" / "worker.in").write_text("\n".join(["-r base.in", *parts[2]]) + "\n")
    names = [one.split(">")[0].split("=")[0].split("[")[0] for one in lines]
    (root / "uv.lock").write_text("".join(locked(names)))
    subprocess.run(["uv", "venv", "-q", "--python", sys.executable, str(root / ".venv")], check=True)
    installed(next((root / ".venv" / "lib").glob("python*/site-packages")), names)
    return root


def made_up(count: int) -> Iterator[str]:
    """Requirements, of which every tenth has no upper bound and every twenty-fifth is pinned exactly."""
    for number in range(count):
        form = ">={0}.{1},<{2}.0"
        if number % 10 == 9:
            form = ">={0}.{1}"
        elif number % 25 == 7:
            form = "=={0}.{1}.0"
        yield f"package-{number:04}" + form.format(number % 9 + 1, number % 7, number % 9 + 2)


def locked(names: list[str]) -> Iterator[str]:
    """A uv.lock, with as many wheels a package as is usual for those with compiled parts."""
    yield 'version = 1\nrevision = 3\nrequires-python = ">=3.12, <3.14"\n\n'
    yield '[[package]]\nname = "made-up"\nversion = "1.0"\nsource = { virtual = "." }\n\n'
    for number, name in enumerate(names):
        version = f"{number % 9 + 1}.{number % 7}.1"
        yield f'[[package]]\nname = "{name}"\nversion = "{version}"\n'
        yield 'source = { registry = "https://packages.example/simple" }\nwheels = [\n'
        for wheel in range(5):
            url = f"https://packages.example/{name}-{version}-{wheel}-py3-none-any.whl"
            yield f'    {{ url = "{url}", hash = "sha256:{number:060x}{wheel:04x}", size = 1000 }},\n'
        yield "]\n\n"


def installed(folder: Path, names: list[str]) -> None:
    """An environment of these packages, by their metadata alone."""
    for number, name in enumerate(names):
        version = f"{number % 9 + 1}.{number % 7}.1"
        info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        requires = "".join(f"Requires-Dist: {other}\n" for other in names[max(0, number - 3) : number])
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}\n")
        (info / "RECORD").write_text("")
        (info / "INSTALLER").write_text("benchmark\n")


if __name__ == "__main__":
    began = time.monotonic()
    status = main()
    print(f"in {time.monotonic() - began:.0f} s")
    raise SystemExit(status)
