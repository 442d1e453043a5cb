"""Variations of the conforming service: read, laid over, listed, and judged like the service itself."""

import json
import subprocess
import sys

import pytest

from stackproof import variations as module
from stackproof.commands.prove import _vary
from stackproof.errors import UsageError
from stackproof.harness import harness_root
from stackproof.progress import Progress
from stackproof.proof import Cell, Sight, conclude, is_fault, variation_of
from stackproof.variations import filled_in, laid_over, read_variations

VARIATIONS = {one.name: one for one in read_variations(harness_root() / "sample_app")}
PROMISED = {
    "tokens_in_cookies",
    "username_login",
    "form_bodies",
    "rs256_signing",
    "es256_signing",
    "another_layout",
    "path_prefix",
    "behind_a_proxy",
    "second_replica",
}


def test_every_promised_variation_is_there():
    """And each says in a sentence what is other."""
    assert VARIATIONS.keys() >= PROMISED


def test_a_table_is_laid_over_another():
    """Keys of tables are put together, everything else takes the place of what was there."""
    below = {"auth": {"login": {"path": "/a", "access": "x"}, "scheme": "Bearer"}, "target": {"name": "n"}}
    above = {"auth": {"login": {"path": "/b"}, "scheme": ""}}

    assert laid_over(below, above) == {
        "auth": {"login": {"path": "/b", "access": "x"}, "scheme": ""},
        "target": {"name": "n"},
    }


def test_known_words_are_filled_in():
    """Other braces are the descriptor's own."""
    given = {"a": ["{base_url}/x", "/tasks/{id}/"], "b": 1}

    assert filled_in(given, {"base_url": "https://s"}) == {"a": ["https://s/x", "/tasks/{id}/"], "b": 1}


def test_a_wrong_variation_names_file_and_key(tmp_path):
    """Every fault of every file in one message."""
    folder = tmp_path / "variations"
    folder.mkdir()
    (folder / "one.toml").write_text('summary = "long enough a text"\n[serve]\nproxi = true\n')
    (folder / "two.toml").write_text("summary = \n")
    with pytest.raises(UsageError) as caught:
        read_variations(tmp_path)

    assert "one.toml: serve.proxi" in str(caught.value)
    assert "two.toml" in str(caught.value)


@pytest.mark.parametrize("sight", [Sight.FALSE_ALARM, Sight.ERROR])
def test_an_alarm_on_a_variation_breaks_the_proof(sight):
    """The problem names the check, the variation and the reason."""
    cell = Cell("jwt/x::y", variation_of("es256_signing"), sight, False, "because")
    [problem] = conclude((), (), [cell], {}, {}, whole=False).problems

    assert all(word in problem for word in ("jwt/x::y", "variation es256_signing", "because"))
    assert not is_fault(cell.service)


@pytest.mark.parametrize(("variable", "sight"), [("", Sight.NOT_RUN), ("CI", Sight.ERROR)])
def test_without_nginx_a_proxy_is_not_run(monkeypatch, variable, sight):
    """On a machine of one's own that is said; in CI it breaks the proof."""
    for name in ("CI", "STACKPROOF_REQUIRE_CONTAINERS"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, "1")
    monkeypatch.setattr(module, "nginx", lambda: "")
    [cell] = _vary(None, VARIATIONS["behind_a_proxy"], Progress(quiet=True))

    assert cell.sight is sight
    assert "nginx" in cell.reason


def test_an_unknown_variation_is_a_usage_error(stackproof):
    """Did you mean."""
    ran = stackproof("prove", "--variation", "es256_singing")

    assert ran.code == 2
    assert "es256_signing" in ran.err


def test_variations_are_listed(stackproof):
    """Beside the faults."""
    ran = stackproof("prove", "--list")

    assert ran.code == 0
    assert "variation behind_a_proxy: " in ran.out
    assert "rotation_off: " in ran.out


def judged():
    """The variations that differ most are judged in every run, their near relations in an exhaustive one."""
    first = {"tokens_in_cookies", "behind_a_proxy"}
    for name in sorted(VARIATIONS):
        yield pytest.param(name, marks=[pytest.mark.slow, *([] if name in first else [pytest.mark.exhaustive])])


@pytest.mark.parametrize("name", judged())
def test_nothing_raises_an_alarm_on_a_variation(name):
    """Every check that meets the service as a client is quiet on it, and most of them look."""
    done = subprocess.run(
        [sys.executable, "-m", "stackproof", "prove", "--variation", name, "--services", "embedded", "--json"],
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert "Traceback" not in done.stderr
    proof = json.loads(done.stdout)

    assert proof["problems"] == []
    assert done.returncode == 0
    sights = [cell["sight"] for cell in proof["cells"]]
    assert sights.count("quiet") > 4 * sights.count("not-assessed")
