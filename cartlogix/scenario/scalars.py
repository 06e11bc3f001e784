"""Plain YAML scalars: the core schema of YAML 1.2, without its traps."""

from __future__ import annotations

import math
import re

_TAG = "tag:yaml.org,2002:"
_MAX_INT = 10**15
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_PREFIXED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)

Scalar = str | int | float | bool | None


class NotAValueError(ValueError):
    """A scalar that cannot be accepted; the text says why and what to write."""


def read_scalar(text: str, *, plain: bool, tag: str | None) -> Scalar:
    """Return the value of a scalar as written.

    Args:
        text: the characters of the scalar, escapes resolved.
        plain: whether it stands without quotes.
        tag: its explicit tag, resolved, if any.

    Raises:
        NotAValueError: if the tag is not a standard one or does not fit, the number is too
            large, not finite or ambiguous, or the text holds control characters.
    """
    if tag in ("!", _TAG + "str") or (tag is None and not plain):
        return _text(text)
    value = _resolve(text)
    if tag is None:
        return value
    kinds: dict[str, type | tuple[type, ...]] = {
        _TAG + "int": int,
        _TAG + "float": (int, float),
        _TAG + "bool": bool,
        _TAG + "null": type(None),
    }
    name = tag.replace(_TAG, "!!")
    if tag not in kinds:
        raise NotAValueError(f"the tag {shorten(name)} is not allowed; remove it")
    if not isinstance(value, kinds[tag]) or (isinstance(value, bool) and tag != _TAG + "bool"):
        raise NotAValueError(f"{shorten(text)} does not fit the tag {name}; remove the tag")
    return float(value) if tag == _TAG + "float" and value is not None else value


def shorten(text: str, limit: int = 60) -> str:
    """Return text in single quotes on one line, cut to `limit` characters."""
    line = "".join(c if c.isprintable() else " " for c in text[: limit + 1])
    return f"'{line}'" if len(text) <= limit else f"'{line[: limit - 1]}…'"


def _text(text: str) -> str:
    found = _UNPRINTABLE.search(text)
    if found:
        raise NotAValueError(f"the character U+{ord(found[0]):04X} is not allowed; remove it")
    return text


def _resolve(text: str) -> Scalar:
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _LEADING_ZERO.fullmatch(text):
        raise NotAValueError(_ambiguous(text))
    if _DECIMAL.fullmatch(text) or _PREFIXED.fullmatch(text):
        return _integer(text)
    if _NOT_FINITE.fullmatch(text):
        raise NotAValueError(f"{text} is not a finite number; write a number")
    if _FLOAT.fullmatch(text):
        value = float(text)
        if not math.isfinite(value):
            raise NotAValueError(f"{shorten(text)} is too large, not a finite number")
        return value
    return _text(text)


def _ambiguous(text: str) -> str:
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text.lstrip("+"))
    number = sign + (digits.lstrip("0") or "0")
    octal = (
        f" or 0o{number}" if not sign and number != "0" and set(number) <= set("01234567") else ""
    )
    quoted = f'"{text}"'
    if len(text) > 20:
        return f"{shorten(text)} is ambiguous; write it without leading zeros"
    return f"{text} is ambiguous; write {number}{octal}, or {quoted} for text"


def _integer(text: str) -> int:
    # Python refuses to convert thousands of digits; such a number is too large anyhow.
    value = int(text, 0) if len(text) <= 40 else _MAX_INT + 1
    if abs(value) > _MAX_INT:
        raise NotAValueError(f"{shorten(text)} is too large; whole numbers go up to 10**15")
    return value
