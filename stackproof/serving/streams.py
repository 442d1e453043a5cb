"""Answers that come piece by piece, and clients that go away in the middle of one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from stackproof.check import not_assessed
from stackproof.serving.wire import BROKEN, Line, Wire
from stackproof.target.messages import value_at

LEFT = 3  # clients that go away
BEGUN_WITHIN = 8.0  # seconds for their work to be seen
IDLE_WITHIN = 20.0  # seconds for the work of others to end: what ends by itself later would look like ours
LOOK_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Streamed:
    """How an answer came in.

    Attributes:
        first: seconds until the first piece of the body.
        whole: seconds until its end.
        pieces: how many there were.
    """

    status: int
    first: float
    whole: float
    pieces: int


@dataclass(frozen=True, slots=True)
class Departure:
    """What became of the work of clients that went away.

    Attributes:
        before: in flight before they came, `during` while they were there, `after` at the end.
        seconds: from their leaving until the work had ended; None where it had not within the bound.
    """

    before: int
    during: int
    after: int
    seconds: float | None


def read_stream(wire: Wire, path: str, carried: Mapping[str, Any], within: float) -> Streamed:
    """Read an answer to its end, with a look at the clock for each piece.

    Raises:
        NotAssessed: there was no whole answer in time.
    """

    async def read() -> Streamed:
        url = wire.url(path)
        line = await wire.open(url)
        loop = asyncio.get_running_loop()
        try:
            began = loop.time()
            line.write(wire.request("GET", url, carried))
            head = await line.head()
            first, pieces = 0.0, 0
            async for _ in line.pieces(head):
                first = first or loop.time() - began
                pieces += 1
            return Streamed(head.status, first, loop.time() - began, pieces)
        finally:
            line.cut()

    try:
        return asyncio.run(_bounded(read(), within))
    except TimeoutError:
        not_assessed(f"GET {path}: no whole answer within {within:g} s")
    except BROKEN as error:
        not_assessed(f"GET {path}: {type(error).__name__} before the answer's end")


async def _bounded(work: Coroutine[Any, Any, Streamed], within: float) -> Streamed:
    return await asyncio.wait_for(work, within)


def leave(
    wire: Wire, path: str, counter: str, field: str, carried: Mapping[str, Any], bound: float, *, streams: bool
) -> Departure:
    """Begin requests, go away from them, and look how long their work goes on.

    Args:
        path: of an operation that lasts longer than the bound.
        counter: path of the operation that tells how many are in flight, in `field`.
        streams: a first piece has to come before it is left.

    Raises:
        NotAssessed: they were not seen to be in flight, or nothing tells how many are.
    """
    return asyncio.run(_Leaving(wire, counter, field, carried).run(path, bound, streams=streams))


class _Leaving:
    def __init__(self, wire: Wire, counter: str, field: str, carried: Mapping[str, Any]) -> None:
        self._wire = wire
        self._counter = counter
        self._field = field
        self._carried = carried

    async def run(self, path: str, bound: float, *, streams: bool) -> Departure:
        before, _ = await self._until(lambda number: number == 0, IDLE_WITHIN)
        lines: list[Line] = []
        try:
            lines += [await self._begun(path, streams=streams) for _ in range(LEFT)]
            during, _ = await self._until(lambda number: number >= before + LEFT, BEGUN_WITHIN)
        finally:
            for line in lines:
                line.cut()
        if during < before + LEFT:
            not_assessed(
                f"control failed: {LEFT} requests were begun, and waiting.in_flight went from {before} to {during}; "
                f"where several processes serve, each counts its own"
            )
        after, seconds = await self._until(lambda number: number <= before, bound)
        return Departure(before, during, after, seconds if after <= before else None)

    async def _begun(self, path: str, *, streams: bool) -> Line:
        url = self._wire.url(path)
        try:
            line = await self._wire.open(url)
            line.write(self._wire.request("GET", url, self._carried))
            if streams:
                head = await asyncio.wait_for(line.head(), BEGUN_WITHIN)
                if head.status != 200:
                    line.cut()
                    not_assessed(f"GET {path} answered {head.status}")
        except (*BROKEN, TimeoutError) as error:
            not_assessed(f"GET {path}: {type(error).__name__} at its beginning")
        return line

    async def _until(self, holds: Callable[[int], bool], within: float) -> tuple[int, float]:
        """(the last number, seconds that it took) of looks until one holds or the time is over."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            number = await self._in_flight()
            passed = loop.time() - began
            if holds(number) or passed > within:
                return number, passed
            await asyncio.sleep(LOOK_EVERY)

    async def _in_flight(self) -> int:
        url = self._wire.url(self._counter)
        line = None
        try:
            line = await self._wire.open(url)
            line.write(self._wire.request("GET", url, self._carried))
            head, body = await asyncio.wait_for(line.answer(), BEGUN_WITHIN)
        except (*BROKEN, TimeoutError) as error:
            not_assessed(f"waiting.in_flight gave no answer: {type(error).__name__}")
        finally:
            if line is not None:
                line.cut()
        value: Any = None
        if head.status == 200:
            try:
                value = json.loads(body)
            except (ValueError, RecursionError):
                value = None
            value = value_at(value, self._field)
        if not isinstance(value, int) or isinstance(value, bool):
            not_assessed(f"waiting.in_flight answered {head.status} without a number at {self._field!r}")
        return value
