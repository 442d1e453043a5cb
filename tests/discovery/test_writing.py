"""Whatever a service calls its things, the file stays a file of ours."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from stackproof.discovery.facts import Findings
from stackproof.discovery.operations import is_path
from stackproof.discovery.writing import as_toml, rows, toml_value

ANY = st.text(st.characters(), max_size=80)
VALUES = st.recursive(ANY | st.booleans(), lambda one: st.dictionaries(ANY, one, max_size=3), max_leaves=5)


def same(value):
    """The value with what is no character replaced."""
    if isinstance(value, dict):
        return {same(key): same(one) for key, one in value.items()}
    return "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in value) if isinstance(value, str) else value


@given(VALUES)
def test_values_come_back(value):
    """Every value is read again as it was written."""
    if not (isinstance(value, dict) and len(same(value)) != len(value)):
        assert tomllib.loads(f"key = {toml_value(value)}")["key"] == same(value)


#: what discovery takes for a path: brackets and quotes, yes; blanks, queries and fragments, no
PATHS = ANY.map(lambda text: "".join(sign for sign in text if is_path(f"/{sign}")))


@given(PATHS, ANY)
def test_no_text_of_a_service_breaks_out(path, why):
    """Paths and explanations with quotes, line ends, brackets or what nobody sees add no line and no table."""
    findings = Findings("https://service.example")
    findings.put("target", "base_url", "https://service.example", "seen", why)
    for table in ("auth.login", "auth.protected"):
        findings.put(table, "path", f"/{path}", "documented", why)
    findings.gap("auth.refresh", f"path = {path}", why=why)

    read = tomllib.loads(as_toml(findings))

    assert set(read) == {"target", "auth"}
    assert set(read["auth"]) == {"login", "protected"}
    assert read["auth"]["login"]["path"] == same(f"/{path}")
    assert all("\n" not in cell and "\x1b" not in cell for row in rows(findings) for cell in row)


def test_without_a_protected_resource_everything_about_signing_in_is_a_comment():
    """Half a description would be none; what was found is kept for whoever fills in the rest."""
    findings = Findings("https://service.example")
    findings.put("target", "base_url", "https://service.example", "seen", "it answers")
    findings.put("auth.login", "path", "/login", "seen", "it answers")
    findings.gap("auth.protected", 'path = "…"', why="nothing fit")

    text = as_toml(findings)

    assert "auth" not in tomllib.loads(text)
    assert '# path = "/login"' in text
    assert "# [auth.protected]" in text
