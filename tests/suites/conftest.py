"""Running a check as a plain function, on views that a test makes up."""

import inspect
from types import SimpleNamespace

import pytest

from stackproof.check import check_of
from stackproof.evidence import Recorder, Redactor
from stackproof.expect import Expect
from stackproof.harness import harness_root, reference_specification
from stackproof.registry import _import
from stackproof.spec import read

SPECIFICATION = read(reference_specification())


@pytest.fixture
def account(monkeypatch):
    """The account of services that tests make up, where a descriptor takes it from."""
    monkeypatch.setenv("STACKPROOF_USERNAME", "rider@example.com")
    monkeypatch.setenv("STACKPROOF_PASSWORD", "correct horse")


@pytest.fixture
def check(tmp_path):
    """Call a check by its id with views by name; gives the conclusion, or raises what the check raised."""

    def run(check_id, requirement_id, *, specification=SPECIFICATION, **views):
        path, _, name = check_id.partition("::")
        function = getattr(_import(harness_root() / "suites" / f"{path}.py"), name)
        requirement = specification.find(requirement_id)
        assert requirement is not None, requirement_id
        assert check_of(function).selects(requirement)
        recorder = Recorder(Redactor())
        expect = Expect(recorder)
        given = {
            "requirement": requirement,
            "expect": expect,
            "recorder": recorder,
            "specification": specification,
            "descriptor": SimpleNamespace(host=SimpleNamespace(database_memory="16GiB")),
            **views,
        }
        function(**{name: given[name] for name in inspect.signature(function).parameters})
        assert recorder.records, "a check that passes leaves evidence"
        return expect.conclusion

    return run


@pytest.fixture
def edition(tmp_path):
    """The reference specification with some text replaced by another."""

    def make(*changes):
        text = reference_specification().read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text, before
            text = text.replace(before, after, 1)
        path = tmp_path / "edition.md"
        path.write_text(text, encoding="utf-8")
        return read(path)

    return make
