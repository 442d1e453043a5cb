"""Configuration: no secret in what the repository tracks."""

from stackproof import View, not_assessed, verifies

REMEDY = "replace the secret (every clone has it), take it out of the file, and read it from the environment"


@verifies("configuration.no-secret-in-repository", needs=[View.FILES], remedy=REMEDY)
def tracked_files_hold_no_secret(project, expect, requirement):
    """A scanner's rules find no secret in the tracked files that a baseline or a comment does not accept."""
    scan = project.tracked().scan()
    if not scan.found and not scan.files:
        not_assessed("none of the tracked files could be read")
    if not scan.found and scan.files < scan.left:
        not_assessed(f"of {scan.files + scan.left} tracked files only {scan.files} could be read in time")
    excused = f", {scan.excused} are accepted or made up for tests" if scan.excused else ""
    expect.holds(
        not scan.found,
        expected=requirement.text,
        seen=f"{len(scan.found)} in tracked files: {', '.join(map(str, scan.found[:5]))}"
        if scan.found
        else f"no secret in {scan.files} tracked files{excused}",
    )


@verifies("configuration.running-secrets-not-tracked", needs=[View.PROJECT], remedy=REMEDY)
def running_secrets_stand_in_no_tracked_file(project, expect, requirement):
    """None of the secrets in the running settings stands in a tracked file."""
    files = project.tracked().files()
    seen = project.values_in(files)
    if not seen["settings"]:
        not_assessed("the running settings hold no secret that is long enough to be told from an ordinary word")
    hits = [f"{one['setting']} in {one['file']}:{one['line']}" for one in seen["hits"]]
    expect.holds(
        not hits,
        expected=requirement.text,
        seen=f"{', '.join(hits[:5])}"
        if hits
        else f"{', '.join(seen['settings'][:8])} stand in none of {seen['files']} files",
    )
