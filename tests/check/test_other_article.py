"""Another article of the same conventions, without question variants, answers as well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant import Answer, Assistant, Settings
from assistant.lexical import fold
from assistant.training.companions import beside

pytestmark = pytest.mark.check
ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "eval" / "cases" / "second" / "cases.jsonl"
BAR = 0.85


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """An assistant over the ankle article alone."""
    folder = tmp_path_factory.mktemp("other")
    article = ROOT / "tests" / "data" / "second" / "ankle-care"
    corpus = beside(ROOT / "corpus", article, folder / "corpus")
    return Assistant.open(Settings(corpus=corpus, index=folder / "index"))


def test_another_article_is_answered(other: Assistant) -> None:
    """All key facts in at least 85 % of the answerable cases; every kind of question has some."""
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    whole: dict[str, list[bool]] = {}
    for case in cases:
        if case["outcome"] == "answered":
            told = _has_facts(other.ask(case["question"], case["earlier"]), case)
            whole.setdefault(case["slice"], []).append(told)
    every = [told for many in whole.values() for told in many]
    print(f"\nkey facts {sum(every)} of {len(every)}", {k: f"{sum(v)}/{len(v)}" for k, v in whole.items()})
    assert len(every) >= 60
    assert sum(every) / len(every) >= BAR
    assert all(any(many) for many in whole.values())


def _has_facts(answer: Answer, case: dict[str, object]) -> bool:
    shown = fold(" ".join(f"{s.group or ''} {s.text}" for s in answer.statements))
    facts = case["facts"]
    assert isinstance(facts, list)
    return all(any(fold(one) in shown for one in fact["any_of"]) for fact in facts)
