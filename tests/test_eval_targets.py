"""Targets, and what the suite may know of the assistant."""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path

import jsonschema
import pytest

import assistant
from eval.answers import parse_answer
from eval.article import read_articles
from eval.errors import InputError
from eval.policy import read_policy
from eval.reading import english_syllables, grade, spanish_syllables
from eval.targets import TargetSpec, open_target
from eval.targets.splitting import chunks

CORPUS = Path("corpus")
SCHEMA = json.loads(Path("tests/data/answer.schema.json").read_text(encoding="utf-8"))
# Of the 29 chunks that RecursiveCharacterTextSplitter of langchain-text-splitters 1.1.3 gives.
CHUNKS = "1a2ba0009b6c597a8f4d71018d26aaed366296e2777c2ac3f2323daf8244a1de"


def test_the_suite_uses_only_exported_names_of_the_assistant() -> None:
    """No module of eval/ imports a part of the assistant past its public names."""
    for path in Path("eval").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not any(item.name.startswith("assistant") for item in node.names), path
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("assistant"):
                assert node.module == "assistant", path
                assert {item.name for item in node.names} <= set(assistant.__all__), path


def test_the_peer_s_chunks_are_langchain_s() -> None:
    """The article is cut just as LangChain's stock splitter cuts it."""
    text = read_articles(CORPUS)["muscle-imbalance"].text
    cut = [(chunk.text, chunk.start) for chunk in chunks(text)]
    assert hashlib.sha256(repr(cut).encode()).hexdigest() == CHUNKS


@pytest.mark.parametrize("text", ["", "word " * 300, "x" * 500, "a\n\nb\n" * 90])
def test_chunks_are_short_pieces_of_their_text(text: str) -> None:
    """Each chunk stands where it says and keeps the size; together they hold every word."""
    cut = chunks(text, 100, 20)
    assert all(text[c.start : c.start + len(c.text)] == c.text for c in cut)
    assert all(len(c.text) <= 100 for c in cut)
    assert set("".join(c.text for c in cut)) >= set("".join(text.split()))


@pytest.mark.parametrize("name", ["quickstart", "overlap"])
def test_shipped_targets_answer_by_the_schema(name: str) -> None:
    """Their quotes stand where they say, and their hits have places and scores."""
    target = open_target(TargetSpec(str(CORPUS), f"eval.targets.{name}:answer"))
    raw = target("how long do I hold the chin tuck", ())
    schema = {**SCHEMA, "required": [key for key in SCHEMA["required"] if key != "receipt"]}
    jsonschema.validate({key: raw[key] for key in raw if key != "receipt"}, schema)
    shown = parse_answer(raw)
    article = read_articles(CORPUS)["muscle-imbalance"]
    for citation in shown.citations.values():
        assert article.text[citation.start : citation.end] == citation.quote
    assert shown.hits is not None
    scores = [hit.score for hit in shown.hits]
    assert scores == sorted(scores, key=lambda score: -(score or 0.0))


def test_the_quickstart_knows_four_chunks() -> None:
    """Four nearest, the best of them shown, nothing refused."""
    target = open_target(TargetSpec(str(CORPUS), "eval.targets.quickstart:answer"))
    raw = target("my face is drooping on one side", ())
    assert (raw["outcome"], len(raw["hits"])) == ("answered", 4)
    assert raw["text"] == raw["hits"][0]["text"]


def test_the_assistant_is_a_target_with_placed_hits() -> None:
    """Hits of the assistant carry the spans of their sentences."""
    target = open_target(TargetSpec(str(CORPUS)))
    shown = parse_answer(target("how long do I hold the chin tuck", ()))
    assert shown.hits
    assert all(hit.start is not None and hit.end is not None for hit in shown.hits)
    assert {"rule", "finish"} <= set(shown.timings)


def test_a_mutant_that_there_is_not_is_told() -> None:
    """A misspelt defect is wrong input."""
    with pytest.raises(InputError, match="no mutant 'typo'"):
        open_target(TargetSpec(str(CORPUS), mutant="typo"))


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("the", 1), ("article", 3), ("table", 2), ("stretched", 1), ("medical", 3), ("see", 1)],
)
def test_english_syllables(word: str, syllables: int) -> None:
    """Vowel groups, silent endings left out."""
    assert english_syllables(word) == syllables


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("llame", 2), ("artículo", 4), ("ahora", 3), ("día", 2), ("urgencias", 3), ("cuidado", 3)],
)
def test_spanish_syllables(word: str, syllables: int) -> None:
    """Strong vowels apart, weak ones with them, accented ones by themselves."""
    assert spanish_syllables(word) == syllables


def test_grades_by_hand() -> None:
    """Flesch-Kincaid and Crawford on two short sentences; nothing for no words."""
    assert grade("Call now. Do not wait.", "en") == pytest.approx(0.39 * 2.5 + 11.8 - 15.59)
    expected = -0.205 * 2 * 20 + 0.049 * 10 * 20 - 3.407
    assert grade("Llame ahora. No espere más.", "es") == pytest.approx(expected)
    assert grade("911", "en") is None


def test_the_policy_s_sentences_are_known_with_their_slots(tmp_path: Path) -> None:
    """A slot takes any words, the rest not one; what fills it is not our own wording."""
    folder = tmp_path / "policy" / "notices"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text(
        json.dumps({"call": {"order": 1, "en": "Call {phone} now.", "es": "Llame."}})
    )
    policy = read_policy(tmp_path)
    assert policy.knows("Call 915-412-6677 now.")
    assert policy.knows("Llame.")
    assert not policy.knows("Call 915-412-6677 later.")
    assert policy.own_words("Call 915-412-6677 now.") == "Call it now."
    assert read_policy(tmp_path / "none").knows("anything")
    (folder / "a.json").write_text("{")
    with pytest.raises(InputError, match=r"a\.json"):
        read_policy(tmp_path)
