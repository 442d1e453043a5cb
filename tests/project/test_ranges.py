"""Comparing what specifier sets admit, against counting it out over many versions."""

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from stackproof.project import ranges

RELEASES = ["0", "0.9", "1", "1.0.1", "1.1", "1.2", "1.2.1", "1.9.9", "2", "2.0.1", "3"]
SUFFIXES = ["", ".dev1", "rc1", ".post1"]
GRID = [
    Version(f"{epoch}{release}{suffix}") for epoch, release, suffix in itertools.product(("", "1!"), RELEASES, SUFFIXES)
]

PLAIN = st.sampled_from([str(one) for one in GRID])
STARRED = st.builds(
    lambda epoch, release: f"{epoch}{release}.*", st.sampled_from(["", "1!"]), st.sampled_from(RELEASES)
)
SPECIFIER = st.one_of(
    st.builds("{}{}".format, st.sampled_from([">=", "<=", "<", ">", "==", "!=", "==="]), PLAIN),
    st.builds("{}{}".format, st.sampled_from(["==", "!="]), STARRED),
    st.builds("~={}".format, PLAIN.filter(lambda text: len(Version(text).release) > 1)),
)
SETS = st.lists(SPECIFIER, max_size=3).map(",".join)
CONSTRAINTS = st.lists(SPECIFIER.filter(lambda text: not text.startswith("===")), max_size=3).map(",".join)


def taken(declared):
    """What an installer would take, of the grid."""
    specifiers = SpecifierSet(declared)
    return [one for one in GRID if specifiers.contains(one, prereleases=specifiers.prereleases is True)]


@settings(max_examples=150, deadline=None)
@given(SETS, CONSTRAINTS)
@example("==1.2.*", ">=1.2,<1.3")
@example("", ">=0")
@example(">=1.2rc1", ">=1.2")
@example("===1.2", ">=1.2")
def test_the_answers_are_those_of_counting(declared, constraint):
    """Whatever the grid shows to be outside or inside, the arithmetic says too; what it shows is never denied."""
    rule = SpecifierSet(constraint)
    inside = [one for one in taken(declared) if rule.contains(one, prereleases=True)]
    beyond = [one for one in taken(declared) if not rule.contains(one, prereleases=True)]
    asked = SpecifierSet(declared)

    if beyond:
        assert not ranges.is_within(asked, rule)
    if inside:
        assert not ranges.is_apart(asked, rule)
        assert not ranges.is_empty(asked)
    witness = ranges.outside(asked, rule)
    if witness:
        assert not ranges.is_within(asked, rule)
        assert asked.contains(witness, prereleases=True)
        assert not rule.contains(witness, prereleases=True)
    if ranges.is_within(asked, rule):
        assert not beyond
    if ranges.is_apart(asked, rule):
        assert not inside


@settings(max_examples=100, deadline=None)
@given(SETS, CONSTRAINTS)
def test_what_both_admit_is_what_each_admits(declared, constraint):
    """The suggested range lies inside the constraint, and keeps of the requirement what was right."""
    asked, rule = SpecifierSet(declared), SpecifierSet(constraint)
    shared = ranges.both(asked, rule)

    for one in GRID:
        if one.is_prerelease:
            continue
        if shared.contains(one, prereleases=True):
            assert rule.contains(one, prereleases=True)
        if not ranges.is_apart(asked, rule) and "===" not in declared:
            wanted = asked.contains(one) and rule.contains(one)
            assert wanted == shared.contains(one) or shared == rule


BOUNDS = st.tuples(st.sampled_from([1, 2, 3, 4]), st.integers(0, 9), st.integers(1, 5))


@given(BOUNDS, BOUNDS)
def test_for_ordinary_ranges_counting_is_complete(first, second):
    """Of `>=X.Y,<Z` against the like, the grid of all minors decides both ways, and a witness is always found."""
    sets = [SpecifierSet(f">={major}.{minor},<{major + more}") for major, minor, more in (first, second)]
    declared, rule = sets
    versions = [Version(f"{major}.{minor}") for major in range(12) for minor in range(10)]
    admitted = [one for one in versions if declared.contains(one)]

    assert ranges.is_within(declared, rule) == all(rule.contains(one) for one in admitted)
    assert ranges.is_apart(declared, rule) == (not any(rule.contains(one) for one in admitted))
    assert bool(ranges.outside(declared, rule)) == (not ranges.is_within(declared, rule))


@pytest.mark.parametrize(
    ("declared", "constraint", "within"),
    [
        (">=5.2,<5.3", ">=5.2,<5.3", True),
        ("~=5.2.0", ">=5.2,<5.3", True),
        ("==5.2.*", ">=5.2,<5.3", True),
        ("~=5.2", ">=5.2,<5.3", False),
        (">=5.2", ">=5.2,<5.3", False),
        ("", ">=23.1", False),
        ("", "", True),
        (">=5.2,!=5.2.3,<5.3", ">=5.2,<5.3", True),
        (">=5.2rc1,<5.3", ">=5.2,<5.3", False),
        ("<=5.2.99,>=5.2", ">=5.2,<5.3", True),
        (">=5.2,<=5.3", ">=5.2,<5.3", False),
        ("==5.2.4+local.1", ">=5.2,<5.3", True),
        ("===5.2.4", ">=5.2,<5.3", True),
        ("===5.4", ">=5.2,<5.3", False),
        ("===latest", ">=5.2,<5.3", False),
        (">=1!5.2,<1!5.3", ">=5.2,<5.3", False),
    ],
)
def test_what_lies_inside(declared, constraint, within):
    """Every operator of PEP 440, by hand."""
    assert ranges.is_within(SpecifierSet(declared), SpecifierSet(constraint)) is within


def test_a_range_that_admits_nothing_is_empty():
    """Bounds that cross, and exclusions that leave nothing."""
    assert ranges.is_empty(SpecifierSet(">=5,<4"))
    assert ranges.is_empty(SpecifierSet("==5.2,!=5.2"))
    assert ranges.is_empty(SpecifierSet("===5.2,<5"))
    assert not ranges.is_empty(SpecifierSet(""))


@pytest.mark.parametrize(
    ("declared", "constraint", "witness"),
    [
        (">=5.2", ">=5.2,<5.3", "5.3"),
        (">=5.3,<6.0", ">=5.6,<6.0", "5.3"),
        ("", ">=23.1", "23.0"),
        ("", "<23.1", "23.1"),
        ("<5.3", ">=5.2,<5.3", "5.1"),
        (">=5.2rc1,<5.3", ">=5.2,<5.3", "5.2rc1"),
        ("==5.4.1", ">=5.2,<5.3", "5.4.1"),
        (">=5.2,<5.3", ">=5.2,<5.3", ""),
    ],
)
def test_a_version_that_is_outside_is_named(declared, constraint, witness):
    """A release near the bounds; a pre-release only where nothing else is outside."""
    assert ranges.outside(SpecifierSet(declared), SpecifierSet(constraint)) == witness
