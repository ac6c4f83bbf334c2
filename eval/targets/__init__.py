"""Whom a run asks: the assistant itself, a Python callable, or a command speaking JSON Lines."""

from __future__ import annotations

import importlib
import json
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eval.errors import InputError

if TYPE_CHECKING:  # opening another target must not import the assistant
    from assistant import Corpus


class Target(Protocol):
    """Answers a question after earlier ones with an answer object (``answer.schema.json``)."""

    def __call__(self, question: str, earlier: Sequence[str]) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class TargetSpec:
    """How to open a target, picklable so that each process opens its own.

    At most one of ``callable`` ("module:name") and ``command`` is set; with neither it is the
    assistant. ``mutant`` names a planted defect, for the assistant only.
    """

    corpus: str
    callable: str = ""
    command: str = ""
    mutant: str = ""

    @property
    def name(self) -> str:
        """The target's name as reports show it."""
        return self.callable or self.command or "assistant"


def open_target(spec: TargetSpec) -> Target:
    """The target, ready to be asked. Raises InputError when it cannot be found or opened."""
    if spec.callable:
        return _callable(spec.callable)
    if spec.command:
        return CommandTarget(spec.command)
    return _assistant(Path(spec.corpus), spec.mutant)


class CommandTarget:
    """A command that reads ``{"id", "question", "earlier"}`` lines and prints answer lines."""

    def __init__(self, command: str) -> None:
        try:
            self._process = subprocess.Popen(
                shlex.split(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        except (OSError, ValueError) as error:
            raise InputError(f"--target-command {command!r} does not start: {error}") from error
        self._asked = 0

    def __call__(self, question: str, earlier: Sequence[str]) -> Mapping[str, Any]:
        """Ask one question. Raises RuntimeError when the command stopped or did not answer it."""
        self._asked += 1
        asked = {"id": str(self._asked), "question": question, "earlier": list(earlier)}
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        if pipe_in is None or pipe_out is None:
            raise RuntimeError("the command has no pipes")
        pipe_in.write(json.dumps(asked) + "\n")
        pipe_in.flush()
        line = pipe_out.readline()
        if not line:
            raise RuntimeError(f"the command stopped with exit status {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"the command reports: {answer['error']}")
        if str(answer.get("id")) != asked["id"]:
            raise RuntimeError(f"answered id {answer.get('id')!r}, asked {asked['id']!r}")
        return answer


def _callable(name: str) -> Target:
    module, _, attribute = name.partition(":")
    try:
        target: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(f"--target {name!r}: {error}; give module:callable") from error
    if not callable(target):
        raise InputError(f"--target {name!r} is not callable")
    return target


def _placed(corpus: Corpus, hit: Mapping[str, Any]) -> dict[str, Any]:
    """A hit with the span of its sentence (``passage-id#3``, counted from 1)."""
    passage_id, _, number = str(hit["id"]).partition("#")
    article = corpus.article(passage_id.split("/")[0])
    sentence = article.passage(passage_id).sentences[int(number) - 1]
    return {
        "passage": hit["id"],
        "start": sentence.start,
        "end": sentence.end,
        "score": hit["score"],
    }


def _assistant(corpus: Path, mutant: str) -> Target:
    from assistant import Assistant, Settings, to_dict
    from eval.defects import change_of

    change = change_of(mutant) if mutant else None
    opened = Assistant.open(Settings.from_environment(corpus=corpus), change=change)

    def ask(question: str, earlier: Sequence[str]) -> Mapping[str, Any]:
        answer: dict[str, Any] = to_dict(opened.ask(question, tuple(earlier), trace=True))
        hits = [_placed(opened.corpus, hit) for hit in answer.get("hits") or ()]
        return {**answer, "hits": hits} if "hits" in answer else answer

    return ask
