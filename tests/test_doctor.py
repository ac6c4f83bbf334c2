"""The doctor: a sound installation is found sound, and each fault is named in one line."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant import Settings
from assistant.doctor import Check, look

ROOT = Path(__file__).resolve().parent.parent
NAMES = ["folders", "model", "scope models", "policy", "corpus", "index", "answer", "network",
         "chat model"]  # fmt: skip


def found(settings: Settings) -> dict[str, Check]:
    return {check.name: check for check in look(settings)}


def test_a_sound_installation_is_found_sound() -> None:
    """The command ends with 0 and gives one object a check."""
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "doctor", "--json"], capture_output=True, text=True,
        cwd=ROOT, check=False,
    )  # fmt: skip
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    assert [c["name"] for c in checks] == NAMES
    assert [c["text"] for c in checks if not c["ok"]] == []
    assert (done.returncode, done.stderr) == (0, "")


def _policy(folder: Path) -> None:
    with (folder / "policy" / "red_flags.json").open("a", encoding="utf-8") as handle:
        handle.write(" ")


def _article(folder: Path) -> None:
    (folder / "muscle-imbalance" / "references.json").unlink()


@pytest.mark.parametrize(("damage", "name"), [(_policy, "policy"), (_article, "corpus")])
def test_a_damaged_corpus_is_named(
    tmp_path: Path, damage: Callable[[Path], None], name: str
) -> None:
    """The check that looks at it fails, those that need it fail too, the others hold."""
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    damage(tmp_path / "corpus")
    checks = found(Settings(corpus=tmp_path / "corpus", index=tmp_path / "index"))
    assert {n for n, c in checks.items() if not c.ok} == {name, "index", "answer"}
    assert all("\n" not in c.text for c in checks.values())


@pytest.mark.parametrize(
    ("change", "names"),
    [({"index": Path("/proc/no/index")}, {"folders", "index", "answer"}),
     ({"encoder": Path("/no/encoder.onnx")}, {"model", "index", "answer"}),
     ({"chroma": "127.0.0.1:1"}, {"index", "answer"}),
     ({"model": "openai:stub", "model_key": "none"}, {"chat model"}),
     ({"model": "nobody:stub"}, {"chat model"})],
)  # fmt: skip
def test_a_wrong_setting_is_named(change: dict[str, Any], names: set[str]) -> None:
    """Folder, encoder, server, chat model: what is wrong is said, the rest is still looked at."""
    checks = found(Settings(**change))
    assert {n for n, c in checks.items() if not c.ok} == names
    assert all("\n" not in c.text for c in checks.values())


def test_an_encoder_that_is_another_model_is_seen(tmp_path: Path) -> None:
    """A file that loads but is not the encoder fails the check of its vectors."""
    models = ROOT / "assistant" / "models"
    for name in ("reranker.onnx", "words.int8"):
        shutil.copy(models / name, tmp_path / name)
    shutil.copy(models / "tokenizer.json", tmp_path / "reranker.tokenizer.json")
    check = next(c for c in look(Settings(encoder=tmp_path / "reranker.onnx")) if c.name == "model")
    assert not check.ok


def test_a_call_to_another_machine_is_heard() -> None:
    """Whatever connects outside while the checks run is reported by its address."""
    checks = look(Settings())
    first = next(checks)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
        outside.connect_ex(("192.0.2.7", 9))
    rest = {check.name: check for check in checks}
    assert first.ok
    assert not rest["network"].ok
    assert "192.0.2.7" in rest["network"].text


def test_tracing_that_is_switched_on_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tracing service in the environment would send questions away."""
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    assert not found(Settings())["network"].ok
