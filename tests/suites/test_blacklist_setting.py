"""Whether the blacklist's application is installed, for simplejwt and for its fork for django-ninja."""

from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.tokens.causes import of_unrevoked_tokens

CHECK = ("jwt/blacklist::blacklist_application_is_installed", "jwt.blacklist")
ON, OFF = {"BLACKLIST_AFTER_ROTATION": True}, {"BLACKLIST_AFTER_ROTATION": False}
DRF = {"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"]}


def project(*apps, **settings):
    """A project with those settings."""
    return SimpleNamespace(settings=lambda: {"INSTALLED_APPS": ["django.contrib.auth", *apps], **settings})


INSTALLED = [
    project("rest_framework_simplejwt.token_blacklist", SIMPLE_JWT=ON),
    project("rest_framework_simplejwt.token_blacklist", REST_FRAMEWORK=DRF),
    project("ninja_jwt", "ninja_jwt.token_blacklist", NINJA_JWT=ON),
    project("ninja_jwt", "ninja_jwt.token_blacklist", SIMPLE_JWT=ON),
    project("ninja_jwt.token_blacklist.apps.TokenBlacklistConfig", NINJA_JWT=ON),
]
MISSING = {
    "rest_framework_simplejwt": [
        project(SIMPLE_JWT=ON),
        project("rest_framework_simplejwt"),
        project(REST_FRAMEWORK=DRF),
    ],
    "ninja_jwt": [project("ninja_jwt", NINJA_JWT=ON), project("ninja_jwt", SIMPLE_JWT=ON), project(NINJA_JWT=ON)],
}


@pytest.mark.parametrize("given", INSTALLED)
def test_the_application_of_the_library_is_enough(check, given):
    """Each library has its own, and reads settings of either name."""
    assert "it is there" in check(*CHECK, project=given)


@pytest.mark.parametrize(("library", "given"), [(name, one) for name, all_ in MISSING.items() for one in all_])
def test_a_missing_application_is_named(check, library, given):
    """The one that belongs to the library in use."""
    with pytest.raises(Violation) as caught:
        check(*CHECK, project=given)

    assert f"'{library}.token_blacklist'" in caught.value.expected


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (project(), "neither simplejwt nor"),
        (project("ninja_jwt", "rest_framework_simplejwt.token_blacklist", SIMPLE_JWT=ON), "which of"),
    ],
)
def test_what_cannot_be_told_is_not_assessed(check, given, told):
    """No library of the two; or both, and the application of one."""
    with pytest.raises(NotAssessed, match=told):
        check(*CHECK, project=given)


def test_causes_name_the_library_in_use():
    """Settings that ask for a blacklist without its application; settings that do not ask."""
    silent = of_unrevoked_tokens(project("ninja_jwt", NINJA_JWT=ON))

    assert "NINJA_JWT['BLACKLIST_AFTER_ROTATION'] is on" in silent
    assert "'ninja_jwt.token_blacklist' is missing" in silent
    assert "SIMPLE_JWT['BLACKLIST_AFTER_ROTATION'] is off" in of_unrevoked_tokens(
        project("ninja_jwt", "ninja_jwt.token_blacklist", SIMPLE_JWT=OFF)
    )
    assert "'rest_framework_simplejwt.token_blacklist' is missing" in of_unrevoked_tokens(project(SIMPLE_JWT=ON))
    assert of_unrevoked_tokens(project("ninja_jwt.token_blacklist", NINJA_JWT=ON)) == ""
    assert of_unrevoked_tokens(project()) == ""
