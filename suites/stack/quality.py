"""Code quality: the document's tools are set up and run by hooks, and what they replace is gone."""

from stackproof import Kind, View, locks, not_applicable, not_assessed, verifies

OF_WHAT = {  # stubs are of no use without what they are stubs of
    "mypy_django_plugin.main": ("version.django",),
    "mypy_drf_plugin.main": ("version.django-rest-framework", "version.django"),
}
HOOKED = ("black", "ruff", "mypy", "django-stubs", "djangorestframework-stubs")


@verifies(
    "quality.hooks", needs=[View.FILES], remedy="add the hook to .pre-commit-config.yaml, and run: pre-commit install"
)
def hooks_run_the_documents_tools(files, expect, requirement, specification):
    """pre-commit runs the tools of code quality that the document has a row for."""
    wanted = [one for one in requirement.value.options
              if specification.find(f"version.{one}") and f"version.{one}" not in files.unused]  # fmt: skip
    hooks = hooks_of(files, expect, requirement)
    run = {hook.tool for hook in hooks if not hook.by_hand}
    missing = [one for one in wanted if one not in run]
    untold = [f"{hook}" for hook in hooks if not hook.tool or hook.tool.endswith(("make", "just", "tox", "nox", ".sh"))]
    if missing and untold:
        not_assessed(f"no hook is known to run {', '.join(missing)}, and what {'; '.join(untold)} runs cannot be told")
    instead = "; ruff formats in its place" if "black" in missing and any(hook.formats for hook in hooks) else ""
    expect.holds(
        not missing,
        expected=f"hooks that run {', '.join(wanted)}",
        seen=f"no hook runs {', '.join(missing)}{instead}" if missing else f"hooks run {', '.join(wanted)}",
    )


@verifies(
    "quality.replaced", needs=[View.FILES], remedy="remove the hook, the settings and the requirement; ruff does it"
)
def replaced_tools_are_gone(files, expect, requirement):
    """Tools that ruff replaces are neither run by a hook, nor set up, nor required."""
    still = []
    for tool in requirement.value.options:
        still += [f"{what} ({place})" for what, place in files.leftovers(tool)]
        still += [f"{hook} runs {tool}" for hook in files.hooks() or () if hook.tool == tool]
    if not still:
        python_is_read(files)
    expect.holds(
        not still,
        expected=f"{', '.join(requirement.value.options)} to be gone, for ruff replaces them",
        seen="; ".join(still) or f"nothing of {', '.join(requirement.value.options)} is left",
    )


@verifies("quality.mypy-plugin.*", needs=[View.FILES], remedy='name the plugin in mypy\'s settings: plugins = ["…"]')
def mypy_has_its_plugin(files, expect, requirement, specification):
    """mypy's settings name the plugin that makes the stubs of use."""
    plugin = requirement.value.options[0]
    rows = [one.id for one in specification.requirements if one.line == requirement.line or one.id == "version.mypy"]
    unused = [one for one in (*rows, *OF_WHAT.get(plugin, ())) if one in files.unused]
    if unused:
        not_applicable(f"project.unused lists {unused[0]}")
    settings = files.mypy()
    if settings is None:
        is_python(files)
        expect.holds(False, expected=f"mypy with the plugin {plugin}", seen="the project has no settings of mypy")
    expect.holds(
        plugin in settings.plugins,
        expected=f"the plugin {plugin} in {settings.place}",
        seen=f"the plugins in {settings.place} are {', '.join(settings.plugins) or 'none'}",
    )


@verifies(
    "version.*",
    needs=[View.FILES],
    kind=Kind.VERSION,
    where=lambda requirement: requirement.value.package in HOOKED,
    supplementary=True,
    remedy="move the hook to a revision inside the row: pre-commit autoupdate --repo URL",
)
def hooks_are_inside_the_constraint(files, expect, requirement):
    """A hook with an environment of its own runs a version inside the row's constraint."""
    rule = requirement.value
    hooks = files.hooks()
    own = [hook for hook in hooks or () if not hook.local]
    tools = [(hook, hook.release) for hook in own if hook.tool == rule.package]
    beside = [(hook, version) for hook in own for name, version in hook.additional if name == rule.package and version]
    if not tools and not beside:
        not_applicable(f"no hook brings a {rule.package} of its own")
    for hook, version in (*tools, *beside):
        if version:
            expect.that(f"{rule.package} of {hook}", version).is_inside(rule.constraint)
    untold = [
        f"{hook}: {hook.revision or 'its environment'} names no release" for hook, version in tools if not version
    ]
    if untold:
        not_assessed("; ".join(untold))


def hooks_of(files, expect, requirement):
    """The project's hooks; a project without any runs none, unless it lies inside of a larger repository."""
    hooks = files.hooks()
    if hooks is not None:
        return hooks
    is_python(files)
    above = next((one for one in files.root.resolve().parents if (one / ".git").exists()), None)
    if above is not None and not (files.root / ".git").exists():
        not_assessed(f"the project has no .pre-commit-config.yaml, and lies inside of the repository {above}")
    expect.holds(
        False,
        expected="a .pre-commit-config.yaml",
        seen=f"the project has none, and so no hook runs {', '.join(requirement.value.options)}",
    )
    return []


def is_python(files):
    """What is written in another language has no use for these tools."""
    other = locks.of_another_kind(files.root)
    if other:
        not_assessed(other)


def python_is_read(files):
    """Nothing is found in a project of another language, nor in what cannot be read."""
    is_python(files)
    unread = files.declared().unread
    if unread:
        not_assessed(f"nothing of them was found, and not everything that is required is known: {unread[0]}")
