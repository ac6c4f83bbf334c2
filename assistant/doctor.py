"""Checks an installation from end to end, and says in one line each what is right or wrong."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from assistant.chain import Assistant
from assistant.chat_model import open_chat_model
from assistant.corpus import read_corpus
from assistant.embedding import MiniLM, package_folder
from assistant.errors import AssistantError
from assistant.exam import has_passed
from assistant.policy import read_policy
from assistant.receipt import problems
from assistant.render import to_dict
from assistant.scope_encoder import open_encoder
from assistant.settings import Settings

_ROOM = 200 * 2**20
_TRACING = ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING")
_ALIKE = ("The muscle is weak.", "A weak muscle.", "The train leaves at noon.")


@dataclass(frozen=True)
class Check:
    """One thing looked at: whether it is as it should be, and what was found or what to do."""

    name: str
    ok: bool
    text: str


@dataclass
class _State:
    """What an earlier check opened for a later one, and every address that was called."""

    settings: Settings
    assistant: Assistant | None = None
    called: list[str] = field(default_factory=list)


class _Wrong(Exception):
    """A check failed; the text says what, and what to do."""


def look(settings: Settings) -> Iterator[Check]:
    """All checks in their order; the index is built first if there is none."""
    state = _State(settings)
    with _listening(state.called):
        for name, check in _CHECKS:
            try:
                yield Check(name, True, check(state))
            except (AssistantError, _Wrong) as error:
                yield Check(name, False, str(error))
            except Exception as error:
                line = (str(error).splitlines() or [""])[0][:120]
                yield Check(name, False, f"{type(error).__name__}: {line}")


def _folders(state: _State) -> str:
    folder = state.settings.index
    place = next(p for p in (folder, *folder.parents) if p.exists())
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise _Wrong(f"{place}: {error.strerror}; make it writable, or set ASSISTANT_INDEX") from None
    free = shutil.disk_usage(place).free
    if free < _ROOM:
        raise _Wrong(f"{place}: only {free // 2**20} MB are free; the index needs 200 MB")
    return f"{place} can be written to, {free // 2**20} MB are free"


def _model(state: _State) -> str:
    folder = package_folder()
    encoder = MiniLM(state.settings.encoder)
    one, two, other = encoder.embed_documents(list(_ALIKE))
    if _product(one, two) <= _product(one, other) or abs(_product(one, one) - 1) > 1e-3:
        raise _Wrong(f"{state.settings.encoder}: gives wrong vectors; delete it and run `make setup`")
    return f"weights of {folder.parent.name} have the right sha256; encoder {encoder.identity}"


def _product(one: list[float], two: list[float]) -> float:
    return sum(a * b for a, b in zip(one, two, strict=True))


def _scope_models(state: _State) -> str:
    return f"{len(open_encoder().thresholds)} thresholds, the files are those they were made for"


def _policy(state: _State) -> str:
    policy = read_policy(state.settings.corpus / "policy")
    signed = "signed" if policy.reviewed else "not yet reviewed by a clinician"
    return f"sealed, fingerprint {policy.fingerprint[:16]}, {signed}"


def _corpus(state: _State) -> str:
    corpus = read_corpus(state.settings.corpus)
    return f"{len(corpus.articles)} articles, {len(corpus.passages)} passages"


def _index(state: _State) -> str:
    # Without the chat model: what follows must not depend on it, nor call it.
    plain = state.settings.model_copy(update={"model": ""})
    state.assistant = Assistant.open(plain)
    index = state.assistant.parts.index
    return f"{index.name}: {len(index.stored())} records, whole and of this corpus"


def _answer(state: _State) -> str:
    if state.assistant is None:
        raise _Wrong("not tried: the index did not open")
    corpus = state.assistant.corpus
    question = corpus.exercises[0].name if corpus.exercises else corpus.articles[0].title
    answer = to_dict(state.assistant.ask(question))
    wrong = problems(answer, corpus, state.assistant.policy.fingerprint)
    if wrong:
        raise _Wrong(f"the receipt of an answer does not hold: {wrong[0]}")
    return f"a question was {answer['outcome'].replace('_', ' ')}, its receipt holds"


def _network(state: _State) -> str:
    tracing = [name for name in _TRACING if os.environ.get(name, "false").lower() != "false"]
    if tracing:
        raise _Wrong(f"{tracing[0]} is on and would send questions away; unset it")
    own = state.settings.chroma.rpartition(":")[0]
    others = sorted({host for host in state.called if host not in ("", own) and not _here(host)})
    if others:
        raise _Wrong(f"something called {', '.join(others[:3])} during these checks")
    return "nothing outside this machine was called during these checks"


def _here(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1" or host.startswith("/")


def _chat_model(state: _State) -> str:
    if not state.settings.model:
        return "none is set; answers are the article's own sentences"
    open_chat_model(state.settings)
    if not has_passed(state.settings):
        raise _Wrong(
            f"{state.settings.model} has not passed its exam and the pages do not use it; run "
            "`python -m assistant exam`"
        )
    return f"{state.settings.model} has passed its exam"


_CHECKS: tuple[tuple[str, Callable[[_State], str]], ...] = (
    ("folders", _folders), ("model", _model), ("scope models", _scope_models),
    ("policy", _policy), ("corpus", _corpus), ("index", _index), ("answer", _answer),
    ("network", _network), ("chat model", _chat_model),
)  # fmt: skip


@contextmanager
def _listening(called: list[str]) -> Iterator[None]:
    """Collects the hosts that Python code looks up or connects to meanwhile."""
    on = True

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if on and event == "socket.getaddrinfo":
            called.append(str(arguments[0] or ""))
        elif on and event == "socket.connect":
            address = arguments[1]
            called.append(str(address[0] if isinstance(address, tuple) else address))

    sys.addaudithook(heard)  # cannot be removed again, only told to be quiet
    try:
        yield
    finally:
        on = False
