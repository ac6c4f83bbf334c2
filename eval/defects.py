"""The planted defects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eval.cases import Case
from eval.errors import InputError


@dataclass(frozen=True)
class Defect:
    """A defect: what it breaks, which cases reveal it, and which scorers must notice.

    ``change`` takes the assistant's steps and gives them with the defect in. ``writer`` names
    the writer whose answers it spoils. A ``harmless`` one changes nothing and must pass.
    """

    name: str
    what: str
    change: Callable[[Any], Any]
    probe: Callable[[Case], bool]
    caught_by: tuple[str, ...]
    writer: str = "quote"
    harmless: bool = False


DEFECTS: Mapping[str, Defect] = {}


def change_of(name: str) -> Callable[[Any], Any]:
    """The change that plants a defect. Raises InputError for a name that there is not."""
    if name not in DEFECTS:
        raise InputError(f"no mutant {name!r}; known: {', '.join(DEFECTS)}")
    return DEFECTS[name].change
