"""Faults take hold: what a fault replaces is there in the reference service."""

import ast
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "sample_app"
FAULTS = sorted((APP / "faults").glob("*.py"))


def replaced_in(tree):
    """(module of the service, name) of every attribute that an assignment replaces."""
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dispatch"):
            modules |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    for node in ast.walk(tree):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id in modules:
                yield modules[target.value.id], target.attr


def defined_in(path):
    """Names that a module defines or imports at its top."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (one.asname or one.name for one in node.names)
        elif isinstance(node, ast.Assign):
            yield from (one.id for one in node.targets if isinstance(one, ast.Name))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda path: path.stem)
def test_what_a_fault_replaces_is_there(fault):
    """A function that was renamed would leave the fault without effect."""
    for module, name in replaced_in(ast.parse(fault.read_text(encoding="utf-8"))):
        path = APP / f"{module.replace('.', '/')}.py"
        if path.is_file():  # else it is an object of a module, such as a task, whose attributes are not written there
            assert name in set(defined_in(path)), f"{module} has no {name}"


def test_some_faults_replace_functions():
    """The look above looks at something."""
    found = [one for fault in FAULTS for one in replaced_in(ast.parse(fault.read_text(encoding="utf-8")))]
    assert ("dispatch.accounts.authentication", "remember") in found
