"""The folder of index generations: one lock, whole writes, and which generation is in use.

Each build is a folder of its own; `CURRENT` names the one in use and is switched by an atomic
rename, so that a build that was killed is never served.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.records import Record


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One builder at a time; the lock goes with the process that holds it."""
    with (folder / "LOCK").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def digests(wanted: list[Record]) -> dict[str, str]:
    """A short hash of each record's text by id, as the manifest of a build holds it."""
    return {r.id: hashlib.sha256(r.text.encode()).hexdigest()[:16] for r in wanted}


def write_whole(path: Path, text: str) -> None:
    """Write a small file so that readers see the old text or the new, never a part."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(part, path)


def remove_others(folder: Path, keep: str) -> None:
    """Remove all but `keep` and the generation before it, which another process may still read."""
    others = [p for p in folder.iterdir() if p.is_dir() and p.name != keep]
    whole = sorted((p for p in others if p.name[0] != "."), key=lambda p: p.stat().st_mtime)
    for path in [p for p in others if p not in whole[-1:]]:
        shutil.rmtree(path, ignore_errors=True)


def intact(database: Path) -> bool:
    """Whether an SQLite file is there and passes its own integrity check."""
    if not database.exists() or database.stat().st_size == 0:
        return False
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
