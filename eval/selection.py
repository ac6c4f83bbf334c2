"""Which cases a run asks: a set, some slices, or the smoke sample, chosen by stable hash."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from eval.cases import Case
from eval.errors import InputError
from eval.vocabulary import SLICES

SMOKE = 300
SMOKE_LEAST = 6  # cases of a slice, so that small slices are seen at all


def select(
    cases: Iterable[Case], which: str, slices: Sequence[str] = (), ids: Sequence[str] = ()
) -> tuple[Case, ...]:
    """The cases of ``which`` (tuning, sealed, all or smoke), of these slices and ids if named.

    Raises InputError for a slice or id that does not exist, or when nothing is left.
    """
    if unknown := sorted(set(slices) - set(SLICES)):
        raise InputError(f"unknown slice {unknown[0]!r}; known: {', '.join(SLICES)}")
    pool = [case for case in cases if which == "all" or case.set == _set_of(which)]
    if unknown := sorted(set(ids) - {case.id for case in pool}):
        raise InputError(f"no case {unknown[0]!r} in {which}; see python -m eval cases count")
    if which == "smoke":
        pool = smoke(pool)
    chosen = tuple(
        case
        for case in pool
        if (not slices or case.slice in slices) and (not ids or case.id in ids)
    )
    if not chosen:
        raise InputError(f"no case of {which} in {', '.join(slices) or 'any slice'}")
    return chosen


def smoke(cases: Sequence[Case], size: int = SMOKE) -> list[Case]:
    """About ``size`` cases, each slice by its share, whole clusters together, in file order.

    Adding a case changes the sample little: clusters are taken in the order of their hashes.
    """
    by_slice: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_slice[case.slice].append(case)
    chosen: set[str] = set()
    for members in by_slice.values():
        quota = max(SMOKE_LEAST, round(size * len(members) / len(cases)))
        chosen |= _first_clusters(members, quota)
    return [case for case in cases if case.id in chosen]


def stable_hash(name: str) -> int:
    """The same number for the same name on every machine."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def _first_clusters(members: Sequence[Case], quota: int) -> set[str]:
    clusters: dict[str, list[str]] = defaultdict(list)
    for case in members:
        clusters[case.cluster].append(case.id)
    taken: set[str] = set()
    for cluster in sorted(clusters, key=stable_hash):
        if len(taken) < quota and len(clusters[cluster]) <= quota:
            taken |= set(clusters[cluster])
    return taken


def _set_of(which: str) -> str:
    return "tuning" if which == "smoke" else which
