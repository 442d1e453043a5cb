"""Entry points: the server that a project's own files start."""

from stackproof import View, not_assessed, verifies


@verifies(
    "serving.production-server",
    needs=[View.FILES],
    remedy="start daphne (or gunicorn, the fallback) in CMD, the compose file, the Procfile or the unit",
)
def server_of_production_is_started(files, expect, requirement):
    """What starts the service outside of development is a server that the document names.

    A compose file whose name does not say production may be for development; where it starts another server in place
    of its image's own, nothing can be said.
    """
    named = requirement.value.options
    starts = files.starts()
    real = [one for one in starts.found if not one.development]
    good = [one for one in real if one.servers and set(one.servers) <= set(named)]
    unsure = [one for one in real if one.instead and not one.production and any(not two.instead for two in good)]
    sure = [one for one in real if one not in unsure]
    other = [f"{one.what} ({one.place}) starts {one.servers[0]}" for one in sure
             if len(one.servers) == 1 and one.servers[0] not in named]  # fmt: skip
    expect.holds(
        not other,
        expected=f"{' or '.join(named)} to be started",
        seen="; ".join(other) or f"{len(good)} places start {' or '.join(named)}, none another server",
    )
    untold = [f"{one.what} ({one.place}) may start {' or '.join(one.servers)}" for one in sure
              if len(one.servers) > 1 and one not in good]  # fmt: skip
    untold += [f"{one.what} ({one.place}) starts {one.servers[0]}, and may be for development" for one in unsure
               if one.servers and not set(one.servers) <= set(named)]  # fmt: skip
    untold += [f"{one.what} ({one.place}): {'; '.join(one.troubles)}" for one in real if one.troubles]
    untold += starts.troubles
    if untold:
        not_assessed("; ".join(untold))
    if not good:
        charts = f"; the Helm chart of {starts.charts[0]} is not rendered" if starts.charts else ""
        seen = (
            f"{len(starts.found)} commands were found, and none starts a server" if starts.found else "none was found"
        )
        not_assessed(f"no Dockerfile, compose file, Procfile or unit says how the service is started: {seen}{charts}")
    expect.conclude("; ".join(f"{one.what} ({one.place}) starts {one.servers[0]}" for one in good))
