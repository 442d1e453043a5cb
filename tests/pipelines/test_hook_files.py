"""Which changed files make the hook of pre-commit run: all that the checks of the stack read."""

import re
from pathlib import Path

import pytest
import yaml

HOOKS = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
(FILES,) = (one["files"] for one in yaml.safe_load(HOOKS.read_text("utf-8")) if one["id"] == "stackproof-stack")


@pytest.mark.parametrize(
    "name",
    """
    pyproject.toml services/api/pyproject.toml setup.cfg setup.py Pipfile Pipfile.lock uv.lock poetry.lock pdm.lock
    pylock.toml pylock.prod.toml requirements.txt requirements-dev.in dev-requirements.txt dev.in requirements/base.in
    requirements/constraints/limits.txt reqs/prod.txt constraints.txt .python-version runtime.txt environment.yml
    Dockerfile Dockerfile.web deploy/docker/api.Dockerfile Containerfile compose.yaml compose.prod.yml
    deploy/docker-compose.override.yml .env Procfile deploy/web.service docker/entrypoint.sh gunicorn.conf.py
    .pre-commit-config.yaml mypy.ini .mypy.ini tox.ini .flake8 .isort.cfg
    """.split(),
)
def test_files_that_are_judged_make_the_hook_run(name):
    """Names as teams have them, in folders and at the top."""
    assert re.search(FILES, name)


@pytest.mark.parametrize("name", ["README.md", "src/shop/views.py", "docs/requirements.md", "notes/compose.txt"])
def test_files_that_are_not_judged_do_not(name):
    """A commit of code alone does not wait for it."""
    assert not re.search(FILES, name)
