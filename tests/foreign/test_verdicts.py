"""The command's verdicts on services that nobody here wrote the checks for: right on each fault, quiet on none."""

import importlib
import json
import re
import subprocess
import sys
import time

import pytest

from tests.foreign.launch import start

MODULES = (
    "flask_shop",
    "flask_cookies",
    "fastapi_cookies",
    "stdlib_opaque",
    "norefresh",
    "serial",
    "throttled",
    "hostile",
)
#: what the default run of the tests looks at; the others are marked slow
QUICK = {
    "flask_shop": (
        None,
        "access-iat-shifted",
        "access-longer-after-refresh",
        "refresh-frozen",
        "reuse-grace",
        "race",
        "logout-one-worker",
        "--jitter",
        "--misdescribed",
    ),
    "flask_cookies": (None, "no-new-refresh"),
    "fastapi_cookies": (None, "access-hour", "refresh-month", "race", "burst-no-winner", "--stateless", "logout-half"),
    "stdlib_opaque": (None, "access-5min", "no-new-refresh", "same-refresh"),
    "norefresh": (None, "--undeclared", "--form", "logout-nothing"),
    "serial": (None,),
    "throttled": ("--window 3600 --allowed 0",),
    "hostile": ("ok-same-tokens", "refuse-after-login", "refuse-all", "garbage-500", "login-page", "drip"),
}
#: the clauses that the services' verdicts are about; what they imply is judged by test_refusals
CLAUSES = "jwt.access-token-lifetime,jwt.refresh-token-lifetime,jwt.rotation,jwt.blacklist"
LONGEST = 120.0  # seconds that a run may take, whatever the service does


def cases():
    """Every service with every fault and variation that it knows."""
    for name in MODULES:
        for key in importlib.import_module(f"tests.foreign.{name}").EXPECTED:
            marks = [] if key in QUICK[name] else [pytest.mark.exhaustive]
            yield pytest.param(
                name, key, id=f"{name}-{(key or 'conforming').lstrip('-').replace(' ', '_')}", marks=marks
            )


def flags_of(key):
    """The command line of a key of EXPECTED."""
    if key is None:
        return []
    return key.split() if key.startswith("--") else ["--fault", key]


def judge(service, folder, *options):
    """Run the command as a user would, in an empty folder."""
    return subprocess.run(
        [sys.executable, "-m", "stackproof", "run", "--target", service.descriptor, "--allow-writes", *options],
        cwd=folder,
        env=service.environment,
        capture_output=True,
        text=True,
        timeout=LONGEST + 30,
        check=False,
    )


def mismatches(expected, seen):
    """One line for each verdict that is not among the expected ones ("a|b" allows both)."""
    return [
        f"{name}: expected {verdict}, got {seen[name]['verdict']}: {seen[name]['reason']}"
        for name, verdict in expected.items()
        if seen[name]["verdict"] not in verdict.split("|")
    ]


@pytest.mark.parametrize(("module", "key"), cases())
def test_verdicts(module, key, tmp_path):
    """Each clause gets the verdict that the service deserves, within the time that a run may take."""
    service_module = importlib.import_module(f"tests.foreign.{module}")
    began = time.monotonic()
    with start(module, *flags_of(key)) as service:
        done = judge(service, tmp_path, "--only", CLAUSES, "--json")
        contacted = (service.folder / "elsewhere").exists()

    assert "Traceback" not in done.stderr, done.stderr
    report = json.loads(done.stdout)
    requirements = {one["id"]: one for one in report["requirements"]}
    checks = {check["id"]: check for one in report["requirements"] for check in one["checks"]}
    wrong = mismatches(service_module.EXPECTED[key], requirements)
    wrong += mismatches(getattr(service_module, "EXPECTED_CHECKS", {}).get(key, {}), checks)
    assert not wrong, "\n".join(wrong)
    assert not contacted, "the run followed a redirection to a host that the descriptor does not name"
    assert time.monotonic() - began < LONGEST


#: runs a command within 3 GB and says what the largest of its processes took, in kilobytes
MEASURED = """
import resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_AS, (3 * 1024**3,) * 2)
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.exhaustive
@pytest.mark.parametrize("fault", ["bomb", "bomb-twice", "big-headers", "body-50mb", "endless"])
def test_memory_of_a_run_is_bounded(fault, tmp_path):
    """Whatever a service sends, no process of the run takes more than 300 MB."""
    with start("hostile", "--fault", fault) as service:
        command = [sys.executable, "-m", "stackproof", "run", "--target", service.descriptor, "--only", "jwt.*"]
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, *command],
            cwd=tmp_path,
            env=service.environment,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=True,
        )

    assert int(done.stdout) < 300_000, f"{int(done.stdout) // 1000} MB"


@pytest.mark.parametrize(("module", "fault"), [("hostile", "echo"), ("hostile", "html"), ("stdlib_opaque", None)])
def test_no_secret_and_no_escape_in_any_output(module, fault, tmp_path):
    """Neither the account's password, nor any token, nor a control character is in what the run printed or wrote."""
    with start(module, *flags_of(fault)) as service:
        terminal = judge(service, tmp_path, "--only", "jwt.*")
        piped = judge(service, tmp_path, "--only", "jwt.*", "--json")
        secrets = [service.password, *(service.folder / "ledger").read_text().split()]

    texts = {"stdout": terminal.stdout, "stderr": terminal.stderr, "json": piped.stdout, "json-stderr": piped.stderr}
    texts |= {str(path): path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    assert len(texts) > 4, "the run wrote nothing, so nothing was looked at"
    for name, text in texts.items():
        shown = [secret for secret in secrets if secret in text]
        assert not shown, f"{name} shows {len(shown)} secrets, such as {shown[0][:6]}…"
        control = re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]|\\u001b|\\u202e", text)
        assert control is None, f"{name}: {text[max(0, control.start() - 60) : control.end() + 20]!r}"
