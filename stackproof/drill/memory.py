"""Filling the memory of a Redis for a moment, with values that go by themselves if nobody takes them away."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from redis.exceptions import OutOfMemoryError, RedisError, ResponseError

from stackproof.check import not_assessed
from stackproof.drill import journal
from stackproof.drill.hands import undisturbed
from stackproof.target.redis import RedisView

LARGEST = 512 * 1024**2  # bytes of maxmemory that are filled
GONE_AFTER = 120  # seconds
PIECES = 128  # that fill it once; twice as many are written at most
SMALLEST = 256  # bytes of the last pieces: small messages shall not fit in either
MARGIN = 256 * 1024  # bytes above the bound


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of it.

    Attributes:
        written: bytes that the server took.
        refusal: its words when it took no more, or "" where it took twice its bound.
    """

    written: int
    refusal: str


class Pressure:
    """Values of ours in a server's memory; see `pressure`."""

    def __init__(self, client: Any, role: str, bound: int) -> None:
        self._client = client
        self._role = role
        self.bound = bound
        self._prefix = f"stackproof-junk-{secrets.token_hex(8)}"
        self._count = 0
        self._listener: Any = None

    def fill(self) -> Filled:
        """Write until the server refuses, or has taken twice its bound.

        Raises:
            NotAssessed: it refuses for another reason than its memory, or does not answer.
        """
        written, first, size = 0, "", max(self.bound // PIECES, SMALLEST)
        while size >= SMALLEST and (first or not written):
            for _ in range(2 * PIECES):
                refusal = self._put(size)
                if refusal:
                    first = first or refusal
                    break
                written += size
            size //= 16
        return Filled(written, first)

    def raise_above(self) -> None:
        """Use memory that is never refused (the name of a channel), so that nothing small fits in by chance."""
        self._listener = self._client.pubsub(ignore_subscribe_messages=True)
        with suppress(RedisError, OSError):
            self._listener.subscribe(f"{self._prefix}-{'x' * MARGIN}")
            self._listener.get_message(timeout=1.0)

    def refusal(self) -> str:
        """The server's words where it refuses a small value, else nothing."""
        return self._put(64)

    def _put(self, size: int) -> str:
        try:
            self._client.set(f"{self._prefix}-{self._count}", "x" * size, ex=GONE_AFTER)
        except OutOfMemoryError as error:
            return str(error)[:200] or "OOM"
        except (RedisError, OSError) as error:
            not_assessed(f"the {self._role} takes no value of the harness's own: {str(error)[:200]}")
        self._count += 1
        return ""

    def take_away(self) -> None:
        """Remove every value; what cannot be removed goes by itself."""
        with suppress(RedisError, OSError):
            if self._listener is not None:
                self._listener.close()
        with suppress(RedisError, OSError):
            names = [f"{self._prefix}-{number}" for number in range(self._count)]
            for start in range(0, len(names), 500):
                self._client.unlink(*names[start : start + 500])


def refused_for_its_disk(view: RedisView, within: float = 5.0) -> str:
    """Write one small value again and again until the server says that it cannot keep it; gives its words, or "".

    Raises:
        NotAssessed: it refuses for another reason, or does not answer.
    """
    name, deadline = f"stackproof-junk-{secrets.token_hex(8)}", time.monotonic() + within
    with view.client() as client:
        while time.monotonic() < deadline:
            try:
                client.set(name, "x" * 1024, ex=GONE_AFTER)
            except ResponseError as error:
                if str(error).startswith("MISCONF"):
                    return str(error)[:200]
                not_assessed(f"the {view.role} takes no value of the harness's own: {str(error)[:200]}")
            except (RedisError, OSError) as error:
                not_assessed(f"the {view.role} takes no value of the harness's own: {str(error)[:200]}")
            time.sleep(0.02)
    return ""


@contextmanager
def pressure(view: RedisView, *, allowed: bool) -> Iterator[Pressure]:
    """A way to fill the memory of a role's server; at the end all of it is taken away.

    Raises:
        NotAssessed: it is not allowed, or the server has no bound, or one that is too large to be filled.
    """
    role = view.role
    if not allowed:
        not_assessed(f"redis.{role}.pressure = true in stackproof.toml allows to fill its memory for a moment")
    bound = int(view.info("memory").get("maxmemory", 0))
    if bound == 0:
        not_assessed(f"the {role} has no maxmemory: nothing bounds it, and no policy ever acts")
    if bound > LARGEST:
        not_assessed(f"the {role} has a maxmemory of {bound // 1024**2} MiB, and at most 512 MiB are filled")
    with view.client() as client:
        made = Pressure(client, role, bound)
        try:
            yield made
        except BaseException as error:
            if not isinstance(error, Exception):
                journal.cut_short.append(f"the drill had filled the memory of the {role}, which was freed again")
            raise
        finally:
            with undisturbed():
                made.take_away()
