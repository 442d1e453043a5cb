"""Logs: which request, and whose, a line is about."""

import uuid

from stackproof import View, not_applicable, not_assessed, verifies

REMEDY = (
    "a middleware that takes the id of the request or makes one, binds it (structlog.contextvars), puts "
    "it into the answer, and clears the context at the next request; merge_contextvars among the processors"
)


@verifies("observability.request-id", needs=[View.HTTP, View.LOGS], remedy=REMEDY)
def line_carries_the_id_of_its_request(logs, expect):
    """A request that brings an id is found under it in the log, or under the one that the answer tells."""
    field, mark = logs.described.request_id, logs.mark()
    sent = [logs.request(given=logs.new_id()), logs.request(given=str(uuid.uuid4()))]
    lines = logs.settled(mark).lines
    under = [logs.lines_of(lines, one.id) for one in sent]
    found = [line for some in under for line in some]
    elsewhere = sorted({name for line in lines for one in sent if one.id for name in line.fields_with(one.id.encode())})
    about = [line for line in lines if line.data is not None and any(line.holds(one.nonce) for one in sent)]
    if not found and not any(logs.text_at(line, field) for line in about) and (others := named_like_ids(elsewhere)):
        not_assessed(f"no line has the id in the field {field!r}; it stands in {others[0]!r}: "
                     f'write logs.request_id = "{others[0]}"')  # fmt: skip
    if not found and not about:
        not_assessed("no line of JSON shows the id or the path of a request that brought one")
    own = [one for one in sent if one.answered and one.answered != one.given]
    if own:
        expect.note(f"the service answers {len(own)} of {len(sent)} ids with one of its own, and logs that")
    missing = [one for one, some in zip(sent, under, strict=True) if not some and seen_without(about, one)]
    expect.holds(
        bool(found) and not missing,
        expected=f"the id of a request to stand in the field {field!r} of its lines",
        seen=f"{len(found)} lines carry the id that their request brought"
        if found and not missing
        else f"a line of the request in {about[0].source} {what_is_there(logs, about[0], field)}",
    )


def named_like_ids(names):
    """Fields that may be meant for an id."""
    return [name for name in names if any(word in name.lower() for word in ("id", "trace", "correlation"))]


def seen_without(about, one):
    """Whether a line of that request is there."""
    return any(line.holds(one.nonce) for line in about)


def what_is_there(logs, line, field):
    """What a line says in place of the id."""
    value = logs.text_at(line, field)
    return "carries another one, which the answer does not tell" if value else f"has no {field!r}"


@verifies("observability.request-id", needs=[View.HTTP, View.LOGS], remedy=REMEDY)
def request_without_an_id_is_given_one(logs, expect):
    """Of two requests without an id each gets one of its own, told by the answer and found in the log."""
    header = logs.described.request_id_header
    if not header:
        not_applicable("logs.request_id_header is empty: ids do not travel in a header")
    mark = logs.mark()
    sent = [logs.request(), logs.request()]
    expect.holds(
        all(one.answered for one in sent),
        expected=f"the answer to a request without an id to tell one in {header}",
        seen=f"both answers carry {header}"
        if all(one.answered for one in sent)
        else f"{sent[0].answer.describe()} without {header}",
    )
    expect.that("the id of the second request", sent[1].answered).differs_from(sent[0].answered, of="that of the first")
    lines = logs.settled(mark).lines
    field = logs.described.request_id
    about = [line for line in lines if line.data is not None and any(line.holds(one.nonce) for one in sent)]
    found = [line for one in sent for line in logs.lines_of(lines, one.answered)]
    if not found and not about:
        not_assessed("no line of JSON shows the id or the path of a request that brought none")
    if not found and (
        others := named_like_ids([one for line in lines for one in line.fields_with(sent[0].id.encode())])
    ):
        not_assessed(f'the id stands in the field {others[0]!r}: write logs.request_id = "{others[0]}"')
    expect.holds(
        bool(found),
        expected=f"the id that the answer tells to stand in the field {field!r} of the request's lines",
        seen=f"{len(found)} lines carry it"
        if found
        else f"a line of the request in {about[0].source} does not carry it",
    )
    expect.conclude("two requests without an id got one each, told by the answer and carried by their lines")


@verifies(
    "observability.user-id",
    needs=[View.HTTP, View.ACCOUNTS, View.LOGS],
    remedy="bind the account's id once the request is authenticated (bind_contextvars(user_id=…)), and clear the "
    "context at the next request",
)
def line_of_a_signed_in_request_names_the_account(logs, session, planting, expect):
    """Lines of signed-in requests carry the account's id, the same each time; those of anonymous ones do not."""
    field = logs.described.user_id
    if not field:
        not_assessed("logs.user_id names no field: where lines carry the account's id, name it")
    tokens = session.login()
    mark = logs.mark()
    ids = [logs.new_id() for _ in range(3)]
    header = logs.described.request_id_header
    answers = [planting.read(tokens.access, {header: one} if header else {}) for one in ids[:2]]
    anonymous = planting.read("", {header: ids[2]} if header else {})
    if not all(one.ok for one in answers):
        not_assessed(f"with a fresh access token {answers[0].describe()}, so nobody is known to be signed in")
    lines = logs.settled(mark).lines
    told = [logs.answered_id(answer) or given for answer, given in zip((*answers, anonymous), ids, strict=True)]
    under = [logs.lines_of(lines, one) for one in told]
    if not all(under[:2]):
        not_assessed("no line carries the id of a signed-in request, so that its account cannot be looked for")
    users = [{logs.text_at(line, field) for line in some} - {""} for some in under]
    expect.holds(
        bool(users[0]) and users[0] == users[1],
        expected=f"the lines of signed-in requests to name the account in {field!r}, the same one each time",
        seen=f"two requests of one account are logged under {len(users[0] | users[1])} values of {field!r}",
    )
    expect.holds(
        not users[2] & users[0],
        expected="a request without a token to be logged without the account of the one before",
        seen="an anonymous request is logged under the account of another one"
        if users[2] & users[0]
        else "an anonymous request is logged without it",
    )
    expect.conclude(f"two signed-in requests are logged with one value of {field!r}, an anonymous one without it")


@verifies(
    "observability.task-request-id",
    needs=[View.HTTP, View.ACCOUNTS, View.CELERY, View.LOGS],
    writes=True,
    remedy="put the request's id into the message's headers (before_task_publish) and bind it in the worker "
    "(task_prerun), or use django-structlog's Celery support",
)
def task_is_logged_under_the_id_of_its_request(logs, tasks, descriptor, expect):
    """A task that a request queues is found in the worker's log under that request's id."""
    header = logs.described.request_id_header
    if not header:
        not_assessed("logs.request_id_header is empty: the request cannot bring an id")
    tasks.sign_in()
    given, mark = logs.new_id(), logs.mark()
    submitted = tasks.accepted({header: given})
    task = submitted.task
    if len(task) < 8:
        not_assessed(f"the task's id {task!r} at {descriptor.celery.task_id!r} is too short to be found in lines")
    request_id = logs.answered_id(submitted.answer) or given
    lines = logs.wait(
        mark, lambda some: bool(logs.lines_of(of_worker(some, task, request_id), request_id)), TASK_WITHIN
    )
    if not logs.lines_of(of_worker(lines, task, request_id), request_id):
        needs_an_end(tasks, descriptor.celery, task)
        lines = logs.settled(mark).lines
    worker = of_worker(lines, task, request_id)
    if not worker:
        not_assessed(f"no line of a worker names the task within {TASK_WITHIN:g} s: name its log in [logs], too")
    if not any(line.data is not None for line in worker):
        not_assessed(f"no line in {worker[0].source} about the task is an object of JSON, so that it has no fields")
    found = logs.lines_of(worker, request_id)
    expect.holds(
        bool(found),
        expected=f"a line of the worker about the task to carry the request's id in {logs.described.request_id!r}",
        seen=f"{len(found)} of {len(worker)} lines about the task carry it"
        if found
        else f"{len(worker)} lines in {worker[0].source} are about the task, and none carries it",
    )


TASK_WITHIN = 30.0  # seconds


def needs_an_end(tasks, celery, task):
    """End the check where the task has perhaps not been worked on yet: what it logs is still to come."""
    _, state = tasks.look(task)
    if state != celery.done:
        not_assessed(f"the task is not done within {TASK_WITHIN:g} s (its state is {state or 'not told'})")


def of_worker(lines, task, request_id):
    """Lines about a task that a worker wrote: in a file of its own, or in Celery's own words."""
    web = {line.source for line in lines if line.holds(request_id) and not line.holds(task)}
    about = [line for line in lines if line.holds(task)]
    return [line for line in about if line.source not in web or line.holds(f"[{task}]")]
