"""The start is refused for every rule file damaged in twenty ways."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.errors import PolicyError
from assistant.policy import POLICY, RULE_FILES, read_policy

pytestmark = pytest.mark.check
Damage = Callable[[bytes, random.Random], bytes]


def _cut(data: bytes, at: random.Random) -> bytes:
    return data[: at.randrange(1, len(data) - 2)]


def _flip(data: bytes, at: random.Random) -> bytes:
    i = at.randrange(len(data))
    return data[:i] + bytes([data[i] ^ (1 << at.randrange(8))]) + data[i + 1 :]


def _drop(data: bytes, at: random.Random) -> bytes:
    i = at.randrange(len(data) - 40)
    return data[:i] + data[i + at.randrange(1, 40) :]


def _double(data: bytes, at: random.Random) -> bytes:
    i = at.randrange(len(data) - 40)
    return data[: i + 30] + data[i:]


def _line(data: bytes, at: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    del lines[at.randrange(len(lines))]
    return b"".join(lines)


DAMAGES: list[Damage] = [
    lambda d, r: b"", lambda d, r: b"{}", lambda d, r: b"[]", lambda d, r: b"null",
    lambda d, r: d + b"x", lambda d, r: b"\xff\xfe" + d, lambda d, r: d.replace(b'"', b"'"),
    lambda d, r: b"<html>" + d, lambda d, r: d * 2, lambda d, r: b"\0" * len(d),
    lambda d, r: d[::-1], _cut, _cut, _flip, _flip, _flip, _drop, _drop, _double, _line,
]  # fmt: skip
NAMES = [*RULE_FILES, "asides.json", "minimisers.json", "exam.json", "manifest.json", "notices/safety.json"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", range(len(DAMAGES)))
def test_damage_is_refused(tmp_path: Path, name: str, number: int) -> None:
    """One clear line, and no policy, whatever happened to the file."""
    folder = tmp_path / "policy"
    shutil.copytree(POLICY, folder)
    path = folder / name
    before = path.read_bytes()
    after = DAMAGES[number](before, random.Random(f"{name}{number}"))
    assert after != before
    path.write_bytes(after)
    with pytest.raises(PolicyError) as error:
        read_policy(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path, name: str) -> None:
    """What cannot be read as a file is refused like what is not there."""
    folder = tmp_path / "policy"
    shutil.copytree(POLICY, folder)
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(PolicyError):
        read_policy(folder)
