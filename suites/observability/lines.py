"""Logs: lines of JSON with what belongs into each."""

from stackproof import View, faults_of_line, glimpse, is_binary, not_assessed, other_field, verifies

KEYS = ("time", "level", "event")


@verifies(
    "observability.json-lines",
    needs=[View.HTTP, View.LOGS],
    remedy="structlog's ProcessorFormatter with JSONRenderer on the root logger, the access log of the server off "
    "(daphne --verbosity 0), logging.captureWarnings(True)",
)
def every_line_is_json(logs, expect):
    """What is written while requests are answered is lines of JSON, and nothing else."""
    lines = ordinary_lines(logs)
    others = [line for line in lines if line.data is None]
    if is_binary(others):
        not_assessed(f"{others[0].source} holds NUL characters: is it a log of lines?")
    by_source = {line.source: sum(one.source == line.source for one in others) for line in others}
    expect.holds(
        not others,
        expected="every line to be an object of JSON",
        seen=f"{len(others)} of {len(lines)} lines are none: {told(by_source)}"
        if others
        else f"{len(lines)} lines that were written meanwhile are objects of JSON",
        beginnings=[f"{line.source}: {glimpse(line)}" for line in others[:5]],
    )


@verifies(
    "observability.line-fields",
    needs=[View.HTTP, View.LOGS],
    remedy="TimeStamper(fmt='iso', utc=True), add_log_level and EventRenamer among the processors, for foreign lines "
    "too (foreign_pre_chain)",
)
def lines_tell_time_level_and_event(logs, expect):
    """Each line of JSON that is written meanwhile has a time with its zone, a level and an event."""
    lines = [line for line in ordinary_lines(logs) if line.data is not None]
    if not lines:
        not_assessed("no line that was written meanwhile is an object of JSON")
    faults = [(line, faults_of_line(line, logs.described)) for line in lines]
    for key in KEYS:
        other = other_field([line for line, _ in faults], logs.described, key)
        if other and all(key in one for _, one in faults):
            named = getattr(logs.described, key)
            not_assessed(f'no line has the field {named!r}; {other!r} looks like it: write logs.{key} = "{other}"')
    wrong = [(line, one) for line, one in faults if one]
    expect.holds(
        not wrong,
        expected="each line to tell its time, its level and its event",
        seen=f"of {len(lines)} lines {len(wrong)} do not: in {wrong[0][0].source} {' and '.join(wrong[0][1].values())}"
        if wrong
        else f"{len(lines)} lines tell {', '.join(getattr(logs.described, key) for key in KEYS)}",
    )


def ordinary_lines(logs):
    """The lines that requests leave which find nothing, are refused, or make no sense."""
    mark = logs.mark()
    logs.request("?page=1")
    logs.request("/%20%22", headers={"Accept": "text/html"})
    return logs.settled(mark).lines


def told(by_source):
    """Files and how many lines of each."""
    return ", ".join(f"{count} in {source}" for source, count in sorted(by_source.items()))
