"""
IAM policy documents, evaluated as AWS does: an explicit deny wins, then an allow, else nothing is allowed. A condition
that this evaluator does not know never allows and always denies: the lab may be stricter than AWS, but not less strict.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any, Literal

Decision = Literal["allow", "deny", "no_match"]
# Values of a request's condition keys, by lower-case key.
Context = Mapping[str, Sequence[str]]


def evaluate(documents: Iterable[Mapping[str, Any]], action: str, resource: str, context: Context) -> Decision:
    effects = {
        statement["Effect"]
        for document in documents
        for statement in _list(document["Statement"])
        if _applies(statement, action, resource, context)
    }
    if "Deny" in effects:
        return "deny"
    return "allow" if "Allow" in effects else "no_match"


def _applies(statement: Mapping[str, Any], action: str, resource: str, context: Context) -> bool:
    # Actions are compared without case, resources with it.
    return (
        _element(statement, "Action", action.lower(), str.lower)
        and _element(statement, "Resource", resource, str)
        and _conditions_hold(statement, context)
    )


def _element(statement: Mapping[str, Any], name: str, value: str, normal) -> bool:
    if f"Not{name}" in statement:
        return not any(_like(normal(pattern), value) for pattern in _list(statement[f"Not{name}"]))
    return any(_like(normal(pattern), value) for pattern in _list(statement.get(name, [])))


def _conditions_hold(statement: Mapping[str, Any], context: Context) -> bool:
    unknown = statement["Effect"] == "Deny"
    return all(
        _condition_holds(operator, [str(v) for v in _texts(wanted)], context.get(key.lower(), ()), unknown)
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _condition_holds(operator: str, wanted: list[str], actual: Sequence[str], unknown: bool) -> bool:
    optional = operator.endswith("IfExists")
    name = operator.removesuffix("IfExists")
    if name == "Null":
        return (not actual) == (wanted == ["true"])
    negated = "Not" in name
    compare = _operators.get(name.replace("Not", ""))
    if compare is None:
        return unknown
    if not actual:
        return optional or negated
    matches = any(compare(pattern, value) for pattern in wanted for value in actual)
    return matches != negated


def _like(pattern: str, value: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), value, re.DOTALL) is not None


_operators = {
    "StringEquals": str.__eq__,
    "StringEqualsIgnoreCase": lambda pattern, value: pattern.lower() == value.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda pattern, value: pattern.lower() == value.lower(),
    "IpAddress": lambda pattern, value: ip_address(value) in ip_network(pattern),
}


def _list(value: Any) -> list:
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> list[str]:
    """JSON's true and false count as the texts `true` and `false`."""
    return [str(v).lower() if isinstance(v, bool) else v for v in _list(value)]
