"""YAML that others wrote, read within bounds: nothing is built before it is known to be small."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

DEPTH_CAP = 120  # values inside values
NODES_CAP = 500_000  # values of a document, those that aliases repeat counted each time


class YamlTrouble(ValueError):
    """The text is no YAML that is of use; the message says why, with the line where that is known."""


class Placed(str):
    """A text of the document, and the line that it stands on."""

    __slots__ = ("line",)
    line: int


def read_yaml(text: str, *, composing: bool = False) -> Any:
    """The only document of a text; every text in it knows its line (`line_of`).

    YAML 1.2's few types: dates are texts, and only `true` and `false` are booleans. `<<` merges.

    Args:
        composing: it is a compose file, which may take back what another one says: `!reset` leaves nothing, and
            `!override` the value itself.

    Raises:
        YamlTrouble: it is no YAML, too deep, or too large when its aliases are written out.
    """
    import yaml

    made = loader(placed=True, composing=composing)(text)
    try:
        few_events(text)
        node = composed(made)
        return None if node is None else made.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark is not None else ""
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise YamlTrouble(f"{where}{str(what)[:200]}") from None
    except (RecursionError, ValueError, TypeError, OverflowError) as error:
        raise YamlTrouble(str(error) if isinstance(error, YamlTrouble) else "it is no usable YAML") from None
    finally:
        made.dispose()


def line_of(value: Any, otherwise: int = 0) -> int:
    """The line of a text of `read_yaml`, or of the first text in a list."""
    if isinstance(value, list) and value:
        return line_of(value[0], otherwise)
    return getattr(value, "line", otherwise)


def key_line(mapping: Any, key: str, otherwise: int = 0) -> int:
    """The line of a mapping's key."""
    return next((line_of(one, otherwise) for one in mapping if one == key), otherwise)


def few_events(text: str) -> None:
    """Count before anything is built: what is nested too deeply must not reach a recursive reader.

    Raises:
        YamlTrouble: there is too much of it.
    """
    import yaml

    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=loader())):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_CAP:
            raise YamlTrouble("it is nested too deeply")
        if count > NODES_CAP:
            raise YamlTrouble(f"it has more than {NODES_CAP} values")


def composed(made: Any) -> Any:
    """The node graph of a loader's only document, once it is known to be small when every alias is written out.

    Raises:
        YamlTrouble: it is not.
    """
    node = made.get_single_node()
    sizes: dict[int, int] = {}

    def size(one: Any, above: tuple[int, ...]) -> int:
        known = sizes.get(id(one))
        if known is not None:
            return known
        if id(one) in above:
            raise YamlTrouble("an alias of it leads back to itself")
        if len(above) > DEPTH_CAP:
            raise YamlTrouble("it is nested too deeply")
        children: list[Any] = []
        if isinstance(one.value, list):
            children = [part for entry in one.value for part in (entry if isinstance(entry, tuple) else (entry,))]
        total = 1
        for child in children:
            total += size(child, (*above, id(one)))
            if total > NODES_CAP:
                raise YamlTrouble("it grows without bound when its aliases are written out")
        sizes[id(one)] = total
        return total

    if node is not None:
        size(node, ())
    return node


@cache
def loader(*, placed: bool = False, composing: bool = False) -> Any:
    """YAML 1.2's few types: no dates, and only `true` and `false` are booleans (`no` is a country).

    Args:
        placed: texts know their line.
        composing: the tags of compose files are known.
    """
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    made: Any = type("TextLoader", (base,), {})
    left_out = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool"}
    made.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in pairs if tag not in left_out]
        for first, pairs in base.yaml_implicit_resolvers.items()
    }
    booleans = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
    made.add_implicit_resolver("tag:yaml.org,2002:bool", booleans, "tTfF")
    if placed:
        made.add_constructor("tag:yaml.org,2002:str", _placed)
    if composing:
        made.add_constructor("!reset", _nothing)
        made.add_constructor("!override", _itself)
    return made


def _nothing(_made: Any, _node: Any) -> None:
    return None


def _itself(made: Any, node: Any) -> Any:
    """What would stand there without the tag."""
    import yaml

    is_plain = getattr(node, "style", "") not in {"'", '"', "|", ">"}
    plain = made.resolve(type(node), node.value, (is_plain, not is_plain))
    more = {"flow_style": node.flow_style} if isinstance(node, yaml.CollectionNode) else {}
    return made.construct_object(
        type(node)(plain, node.value, start_mark=node.start_mark, end_mark=node.end_mark, **more), deep=True
    )


def _placed(_: Any, node: Any) -> Placed:
    text = Placed(node.value)
    text.line = node.start_mark.line + 1
    return text
