"""Formulas as text that is both shown and computed, so that what a page shows beside a figure is what made it.

A formula knows numbers, names, + - * / and brackets; nothing of it is given to Python's own `eval`.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
LONGEST = 400  # characters


@dataclass(frozen=True, slots=True)
class Formula:
    """One line of the model: `id` of what it gives, its unit, and how, in names of parameters and of earlier lines."""

    id: str
    unit: str
    text: str

    @property
    def names(self) -> tuple[str, ...]:
        """What it needs, in the order of reading, each once."""
        found = [node.id for node in ast.walk(_parsed(self.text)) if isinstance(node, ast.Name)]
        return tuple(sorted(set(found), key=self.text.index))

    @property
    def shown(self) -> str:
        """The text with the signs that people write."""
        return self.text.replace("*", "×").replace("/", "÷").replace("-", "−")

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """The result for numbers or arrays of draws. Raises KeyError for a name without value."""
        return _value(_parsed(self.text), values)


@cache
def _parsed(text: str) -> ast.expr:
    """The formula as a tree. Raises ValueError for anything but arithmetic."""
    if len(text) > LONGEST:
        raise ValueError("this formula is too long")
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"this is no formula: {text}") from error
    for node in ast.walk(tree):
        known = isinstance(node, ast.BinOp | ast.Name | ast.Load | ast.operator)
        numeric = isinstance(node, ast.Constant) and type(node.value) in (int, float)
        if not (known or numeric) or (isinstance(node, ast.BinOp) and type(node.op) not in _BINARY):
            raise ValueError(f"a formula knows names, numbers, + - * / and brackets only: {text}")
    return tree


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.BinOp):
        return _BINARY[type(node.op)](_value(node.left, values), _value(node.right, values))
    if isinstance(node, ast.Name):
        return values[node.id]
    assert isinstance(node, ast.Constant)
    return node.value
