"""Advisories: nothing is published against the releases that the service is made of."""

from stackproof import View, chosen, not_assessed, verifies

VULNERABLE = "lock the fixed release: uv lock --upgrade-package NAME; where it is outside the row, change the row first"
YANKED = "lock another release: uv lock --upgrade-package NAME"


@verifies("advisories.locked-releases", needs=[View.FILES], remedy=VULNERABLE)
def locked_releases_have_no_known_vulnerability(files, advisories, expect, requirement, specification):
    """No release that the project's locks name for the service has a published vulnerability."""
    judge(chosen.locked_releases(files), advisories, expect, requirement, specification)


@verifies("advisories.installed-releases", needs=[View.PROJECT], remedy=VULNERABLE)
def installed_releases_have_no_known_vulnerability(project, advisories, expect, requirement, specification):
    """No release that the service's interpreter has installed has a published vulnerability."""
    found = chosen.installed_releases(project.installed(), "the service's interpreter")
    judge(found, advisories, expect, requirement, specification)


@verifies("advisories.no-yanked-release", needs=[View.FILES], remedy=YANKED)
def locked_releases_are_not_yanked(files, advisories, expect, requirement):
    """No release that the project's locks name was taken back by its publisher."""
    found = chosen.locked_releases(files)
    standing = advisories.standing(found.all)
    expect.holds(
        not standing.yanked,
        expected=requirement.text,
        seen="; ".join(f"{release} ({release.where}) was yanked: {why}" for release, why in standing.yanked[:8])
        or f"none of {standing.looked_at} locked releases was yanked ({standing.source})",
    )
    left = chosen.left_out(standing.left)
    if left:
        seen = f"none of {standing.looked_at} locked releases was yanked"
        not_assessed(f"{seen}, but {standing.source} tells nothing of {left}")


def judge(found, advisories, expect, requirement, specification):
    """What is known against the service decides; against the tools of development it is worth a note.

    Where a part could not be looked up, nothing is said to be fine; what was found stands.
    """
    audit = advisories.audit(found.all)
    against = chosen.against(audit, found.service)
    tools = chosen.against(audit, found.tools)
    if tools:
        expect.note(f"of the tools of development: {chosen.told(tools, specification)}")
    expect.holds(
        not against,
        expected=requirement.text,
        seen=chosen.told(against, specification)
        or f"nothing is known against {audit.looked_at - len(tools)} of {len(found.all)} releases ({audit.source})",
    )
    left = chosen.left_out(audit.left, found.elsewhere)
    if left:
        not_assessed(f"nothing is known against {audit.looked_at} releases, but not looked up were {left}")
    if audit.age:
        not_assessed(f"nothing is known against the releases, but {audit.age}: fetch newer records")
