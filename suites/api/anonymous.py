"""API: what the document protects is protected."""

from stackproof import View, is_refusal, not_assessed, says_no, verifies

MOST = 60  # operations that are tried
NOT_FOUND = 404
REMEDY = (
    'DRF: REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] = ["rest_framework.permissions.IsAuthenticated"], and no view '
    "with AllowAny that the document marks as protected; say so in the document where it is public by design"
)


def spread(operations):
    """At most `MOST` of them, from all over the document."""
    step = max(1, -(-len(operations) // MOST))
    return operations[::step]


def protected(api, *, safe):
    """The operations that the document protects and the descriptor does not promise to everybody."""
    marked = [one for one in api.operations if one.protected and not api.is_public(one)]
    if not marked:
        not_assessed("the document marks no operation as protected (security), so none of them has to refuse")
    chosen = [one for one in marked if one.safe is safe and one.method not in {"OPTIONS", "HEAD"}]
    if not chosen:
        not_assessed(f"the document protects no operation that {'reads' if safe else 'writes'}")
    return spread(chosen)


def turned_away(api, operation, anonymous):
    """Whether that is a refusal of a stranger: by its status, or by a 404 that hides what an account may read."""
    if anonymous.status != NOT_FOUND or operation.has_placeholders:
        return anonymous.status in {401, 403} or 300 <= anonymous.status < 400
    signed_in = api.use(operation, signed_in=True)
    return signed_in is not None and signed_in.ok


@verifies("api.anonymous-refused", needs=[View.HTTP, View.ACCOUNTS], remedy=REMEDY)
def protected_operations_refuse_anonymous_reading(api, expect):
    """Reading what the document protects is refused without a token, and allowed with one."""
    chosen = protected(api, safe=True)
    api.control_unknown()
    refused, open_to_account, unclear = [], [], []
    for operation in chosen:
        anonymous = api.use(operation, signed_in=False)
        if anonymous is None:
            continue
        if anonymous.ok:
            judge(api, expect, operation, anonymous, unclear)
        elif is_refusal(anonymous) and turned_away(api, operation, anonymous):
            refused.append(operation)
    for operation in refused:
        # one control is enough; what needs the name of something that exists cannot give it
        signed_in = None if operation.has_placeholders else api.use(operation, signed_in=True)
        if signed_in is not None and signed_in.ok:
            open_to_account.append(operation)
            break
    if unclear:
        not_assessed(f"{unclear[0]}, and whether that is access or an error in other words cannot be told")
    if not refused:
        ways = "401, 403, a redirect or, where an account is let in, 404"
        not_assessed(f"none of {len(chosen)} protected operations refused with {ways}")
    if not open_to_account and not account_is_let_in(api):
        not_assessed("control failed: what refuses without a token refuses with one too, so nothing is told apart")
    expect.holds(
        True,
        expected="",
        seen=f"{len(refused)} of {len(chosen)} protected operations refuse reading without a token"
        + ("; the others said neither yes nor no" if len(refused) < len(chosen) else ""),
        refused=[one.name for one in refused],
    )


def account_is_let_in(api):
    """Whether the protected resource of [auth] tells an account from nobody."""
    session = api.session
    tokens = session.login()
    return session.protected(tokens.access).accepted and session.protected(None).refused


def judge(api, expect, operation, anonymous, unclear):
    """A 2xx to nobody is access, save where it says no in other words, or says the same to everything."""
    signed_in = api.use(operation, signed_in=True)
    if signed_in is None or not signed_in.ok or says_no(anonymous, signed_in):
        unclear.append(f"without a token {anonymous.describe()}")
        return
    expect.holds(
        False,
        expected=f"{operation.name} to refuse a request without credentials, as the document says",
        seen=f"without a token {anonymous.describe()}, as with one",
    )


@verifies("api.anonymous-refused", needs=[View.HTTP, View.ACCOUNTS], writes=True, supplementary=True, remedy=REMEDY)
def protected_operations_refuse_anonymous_writing(api, expect):
    """Writing what the document protects is refused without a token."""
    chosen = [one for one in protected(api, safe=False) if api.may_be_used(one)]
    if not chosen:
        not_assessed("every protected operation that writes is excluded, or about the account itself")
    api.control_unknown()
    refused = 0
    for operation in chosen:
        anonymous = api.use(operation, signed_in=False)
        if anonymous is None:
            continue
        if anonymous.ok and says_no(anonymous, None):
            not_assessed(f"without a token {anonymous.describe()}, which may be an error in other words")
        expect.holds(
            not anonymous.ok,
            expected=f"{operation.name} to refuse a request without credentials, as the document says",
            seen=f"without a token {anonymous.describe()}",
        )
        refused += anonymous.status in {401, 403}
    if not refused:
        not_assessed(f"none of {len(chosen)} protected operations refused with 401 or 403")
    if not account_is_let_in(api):
        not_assessed("control failed: the protected resource does not tell an account from nobody")
    expect.conclude(f"{refused} of {len(chosen)} protected operations refuse writing without a token")
