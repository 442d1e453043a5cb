"""Runs the commands of [accounts.disposable]: a JSON object a line in, one a line out.

At the end of the input every account that was made here and is still there is deleted, by the same commands.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress

WITHIN = 30.0  # seconds for one command
VARIABLE = "STACKPROOF_ACCOUNT_PASSWORD"

commands = {}
made = {}  # name that was asked for: name that the command gave


class Trouble(Exception):
    """What the harness is told in place of an answer."""


def run(action, name, password=""):
    """The command's output; what it printed is not told where it fails, for there may be a password in it."""
    words = [word.replace("{username}", name) for word in commands.get(action) or ()]
    label = f"accounts.disposable.{action}"
    if not words:
        raise Trouble(f"stackproof.toml gives no {label} command")
    variables = {**os.environ, **({VARIABLE: password} if password else {})}
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    try:
        process = subprocess.Popen(words, env=variables, start_new_session=True, **pipes)
    except (OSError, ValueError) as error:
        raise Trouble(f"{label} ({words[0]}) cannot be run: {getattr(error, 'strerror', error)}") from None
    try:
        output, _ = process.communicate(timeout=WITHIN)
    except subprocess.TimeoutExpired:
        raise Trouble(f"{label} ({words[0]}) did not end within {WITHIN:g} s") from None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.returncode:
        raise Trouble(f"{label} ({words[0]}) left with {process.returncode}")
    return output


def describe(given, **_):
    """Take the commands."""
    commands.update(given)
    return {}


def create(name, password, **_):
    """What the command prints, or the name and password that it was given."""
    if not commands.get("delete"):
        raise Trouble("stackproof.toml gives no accounts.disposable.delete command, so nothing that is made could go")
    made[name] = name
    output = run("create", name, password)
    told = {}
    for line in (output.strip(), *reversed(output.strip().splitlines())):
        with suppress(ValueError):
            told = json.loads(line)
            break
    told = told if isinstance(told, dict) else {}
    username, own = told.get("username") or name, told.get("password") or password
    if not (isinstance(username, str) and isinstance(own, str)):
        raise Trouble('accounts.disposable.create printed something else than {"username": …, "password": …}')
    made[name] = username
    return {"username": username, "password": own}


def delete(name, **_):
    """Delete the account."""
    run("delete", made[name])
    made.pop(name)
    return {}


def remove(name, **_):
    """Delete what is left of it."""
    return delete(name) if name in made else {}


def change(action):
    """A command that changes the account."""

    def perform(name, password="", **_):
        run(action, made[name], password)
        return {}

    return perform


ACTIONS = {
    "describe": describe,
    "create": create,
    "deactivate": change("deactivate"),
    "delete": delete,
    "remove": remove,
    "set_password": change("set_password"),
}


def answer(question):
    """One action; whatever goes wrong becomes a sentence."""
    action = question.pop("action")
    if action not in ACTIONS:
        return {"trouble": "commands cannot look at stored passwords; accounts.disposable.through_project can"}
    try:
        return ACTIONS[action](**question)
    except Trouble as trouble:
        return {"trouble": str(trouble)}


for line in sys.stdin:
    print(json.dumps({"stackproof": answer(json.loads(line))}), flush=True)
for left in list(made):
    answer({"action": "remove", "name": left})
