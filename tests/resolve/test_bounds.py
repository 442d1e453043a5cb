"""Constraints are opened on the side that is meant, and no further than it takes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from stackproof.resolve import bounds

NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=3).map(tuple)


@pytest.mark.parametrize(
    ("constraint", "without_cap", "without_floor"),
    [
        (">=5.2,<5.3", ">=5.2", "<5.3"),
        ("~=1.4.2", ">=1.4.2", "<1.5"),
        ("==5.2.*", ">=5.2", "<5.3"),
        ("==5.2.1", ">=5.2.1", "<=5.2.1"),
        (">=2,!=2.5,<3", "!=2.5,>=2", "!=2.5,<3"),
        ("<2", "", "<2"),
        ("", "", ""),
        (">=1.0", ">=1.0", ""),
    ],
)
def test_one_side_is_left(constraint, without_cap, without_floor):
    """Whatever the operators."""
    assert str(bounds.uncapped(SpecifierSet(constraint))) == without_cap
    assert str(bounds.unfloored(SpecifierSet(constraint))) == without_floor


@pytest.mark.parametrize(
    ("constraint", "version", "expected"),
    [
        (">=5.2,<6.0", "6.4.1", ">=5.2,<7.0"),
        (">=5.2,<6", "6.4.1", ">=5.2,<7"),
        (">=5.2,<5.3", "6.1", ">=5.2,<6.2"),
        ("==5.2.*", "5.3.1", ">=5.2,<5.4"),
        ("~=1.4.2", "1.6", ">=1.4.2,<1.7"),
        ("<2", "2.11.0", "<3"),
        (">=2", "3.0", None),
    ],
)
def test_a_cap_is_raised_as_finely_as_it_was_written(constraint, version, expected):
    """None where there is none to raise."""
    assert bounds.raised(SpecifierSet(constraint), Version(version)) == expected


@pytest.mark.parametrize(
    ("constraint", "version", "expected"),
    [(">=5.2,<5.3", "5.1.4", ">=5.1,<5.3"), (">=2,<3", "1.26.4", ">=1,<3"), ("~=5.2.1", "5.1", ">=5.1.0,<5.3")],
)
def test_a_floor_is_lowered_as_finely_as_it_was_written(constraint, version, expected):
    """The cap stays."""
    assert bounds.lowered(SpecifierSet(constraint), Version(version)) == expected


@pytest.mark.parametrize(
    ("constraint", "version", "expected"),
    [
        (">=2.7,<3.0", "2.8.0", ">=2.8,<3.0"),
        (">=2.7.3,<3.0", "2.7.5", ">=2.7.5,<3.0"),
        (">=2.7", "3.1.4", ">=3.1"),
        ("~=1.4.2", "1.4.5", ">=1.4.5,<1.5"),
        (">=2.0,!=2.3,<3", "2.2", ">=2.2,!=2.3,<3"),
    ],
)
def test_a_floor_is_raised_as_finely_as_it_was_written(constraint, version, expected):
    """The cap and what is left out stay."""
    assert bounds.refloored(SpecifierSet(constraint), Version(version)) == expected


@given(NUMBERS, NUMBERS, NUMBERS)
@settings(max_examples=300, deadline=None)
def test_what_was_opened_for_a_version_admits_it(floor, cap, wanted):
    """And everything that was admitted before."""
    constraint = SpecifierSet(f">={bounds.dotted(floor)},<{bounds.dotted(cap)}")
    version = Version(bounds.dotted(wanted))
    text = bounds.raised(constraint, version) if version >= Version(bounds.dotted(cap)) else None
    if text is not None:
        assert SpecifierSet(text).contains(version) or version < Version(bounds.dotted(floor))
    if version < Version(bounds.dotted(floor)):
        opened = bounds.lowered(constraint, version)
        assert opened is not None
        assert SpecifierSet(opened).contains(version) or version >= Version(bounds.dotted(cap))


@given(NUMBERS, NUMBERS)
@settings(max_examples=200, deadline=None)
def test_a_step_is_none_only_to_the_same_place(old, new):
    """And as long one way as the other."""
    assert bounds.step(old, new) == bounds.step(new, old)
    assert (not any(bounds.step(old, new))) == (Version(bounds.dotted(old)) == Version(bounds.dotted(new)))


def test_a_line_is_written_like_the_one_before():
    """With or without its x."""
    assert bounds.written_like("2.7.x LTS", (2, 8)) == "2.8.x"
    assert bounds.written_like("2.7", (2, 8)) == "2.8"
