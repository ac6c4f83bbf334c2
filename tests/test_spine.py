"""The spine: article, exercises, audit, answers, receipts, command line, layers."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from assistant import Assistant, problems, read_corpus, to_dict
from assistant.audit import audit
from assistant.errors import CorpusError
from assistant.references import find_citations

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "corpus"
# sha256 of the article's words in order, list marks left out, joined by single spaces.
WORDS_SHA256 = "dce6be38392e4429f79c3fe03393a89a04e57d2ff2368e1d9528d7ec4821ccb3"
GOLD = {
    "Scapular Retraction": ("Resistance band or none", "2 seconds", "3", "10–12 repetitions"),
    "Pectoral Stretch": ("Doorway or wall", "20–30 seconds", None, "2–3 times"),
    "Chin Tuck": ("None", "5 seconds", None, "10–12 times"),
    "Glute Bridge": ("None", "2 seconds", "3", "12–15 repetitions"),
    "Hip Flexor Stretch": ("None", "20–30 seconds", None, "2–3 times"),
    "Hamstring Curl with Resistance Band": (
        "Resistance band", None, "3", "10–12 repetitions per leg"),
    "Plank": ("None", "20–60 seconds", None, "3 times"),
    "Dead Bug": ("None", None, "3", "10–12 repetitions per side"),
}  # fmt: skip


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant.open()


def test_every_word_of_the_article_is_there_in_order() -> None:
    """The Markdown holds the article word for word."""
    text = (CORPUS / "muscle-imbalance" / "article.md").read_text(encoding="utf-8")
    body = text.split("\n---\n", 1)[1]
    lines = [re.sub(r"^(#+|\s*-) (?=\S)", "", line) for line in body.split("\n") if line != "---"]
    words = " ".join(" ".join(lines).split())
    assert hashlib.sha256(words.encode()).hexdigest() == WORDS_SHA256


def test_exercises_equal_the_hand_made_table() -> None:
    """All fields are the article's, and stand at their spans."""
    corpus = read_corpus(CORPUS)
    text = corpus.articles[0].text
    found = {}
    for e in corpus.exercises:
        fields = [e.hold, e.sets, e.repetitions]
        found[e.name] = (e.equipment.text, *(f.text if f else None for f in fields))
        for field in filter(None, [*fields, *e.steps, *e.strengthens, *e.stretches]):
            assert text[field.start : field.end] == field.text
    assert found == GOLD


def test_citations_are_all_resolved() -> None:
    """34 in-text citations in 32 parentheses, 10 references, none lost; spans are exact."""
    article = read_corpus(CORPUS).articles[0]
    citations = find_citations(article.text)
    assert len(citations) == 34
    assert len({c.parenthesis for c in citations}) == 32
    assert len(article.references) == 10
    for passage in article.passages:
        for sentence in passage.sentences:
            assert article.text[sentence.start : sentence.end] == sentence.text
            assert not sentence.unresolved


def test_citation_forms() -> None:
    """Two authors, several years, accents, hyphens, Jr., corporate and narrative forms."""
    text = (
        "(Smith & Jones, 2020) (Smith, 2019a, 2019b) (Ünal-Pérez et al., n.d.) (Doe, Jr., 1956) "
        "(World Health Organization, 2018; see Lee, 2001) and Kim et al. (2022)"
    )
    assert [c.label for c in find_citations(text)] == [
        "Smith & Jones, 2020", "Smith, 2019a", "Smith, 2019b", "Ünal-Pérez et al., n.d.",
        "Doe, Jr., 1956", "World Health Organization, 2018", "Lee, 2001", "Kim et al., 2022",
    ]  # fmt: skip


def test_audit_lists_exactly_what_is_odd() -> None:
    """The audit's list equals the recorded one, read through line by line against the article."""
    corpus = read_corpus(CORPUS)
    found = [(f.kind, f.text) for f in audit(corpus.articles[0], corpus.exercises)]
    expected = json.loads((ROOT / "tests/data/audit.json").read_text(encoding="utf-8"))
    assert found == [tuple(row) for row in expected]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("article.md", "slug: muscle-imbalance", "slug: other"),
        ("article.md", "title: ", "subtitle: "),
        ("article.md", "language: en\n", ""),
        ("article.md", "---\ntitle", "title"),
        ("article.md", "## Conclusion", "##Conclusion"),
        ("article.md", "- Equipment: Doorway or wall\n", ""),
        ("article.md", "- Benefits: Corrects", "- Bonus: Corrects"),
        ("article.md", "(Stretches the Chest)", "(Pulls the Chest)"),
        ("article.md", "Isokinetic muscle", "Isometric muscle"),
        ("article.md", "notices: Professional", "notices: Missing"),
        ("references.json", '"gea-2013"', '"ginszt-2022"'),
        ("references.json", '"title"', '"tittle"'),
        ("references.json", "[", "{"),
    ],
)
def test_each_mistake_gets_one_line(tmp_path: Path, name: str, old: str, new: str) -> None:
    """A broken corpus is refused in one line that names the file."""
    import shutil

    shutil.copytree(CORPUS, tmp_path / "c", ignore=shutil.ignore_patterns("policy"))
    path = tmp_path / "c" / "muscle-imbalance" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_corpus(tmp_path / "c")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_status == 2


def test_answers_verify_and_changed_ones_do_not(assistant: Assistant) -> None:
    """Every receipt holds over 300 questions; one changed character makes it fail."""
    schema = json.loads((ROOT / "tests/data/answer.schema.json").read_text(encoding="utf-8"))
    asked = [v.question for v in assistant.corpus.variants if not v.earlier][::13][:300]
    assert len(asked) == 300
    changed = 0
    for question in asked:
        answer = to_dict(assistant.ask(question))
        jsonschema.validate(answer, schema)
        assert problems(answer, assistant.corpus, assistant.policy.fingerprint) == []
        if answer["statements"] and changed < 100:
            text = answer["statements"][0]["text"]
            answer["statements"][0]["text"] = chr(ord(text[0]) ^ 1) + text[1:]
            assert problems(answer, assistant.corpus, assistant.policy.fingerprint)
            changed += 1
    assert changed == 100


def test_the_same_question_gives_the_same_bytes(assistant: Assistant) -> None:
    """50 questions twice here and once in another process: byte-identical JSON."""
    asked = [v.question for v in assistant.corpus.variants if not v.earlier][5::80][:50]
    lines = "".join(json.dumps({"id": None, "question": q}) + "\n" for q in asked)
    other = subprocess.run(
        [sys.executable, "-m", "assistant", "ask", "--jsonl"], input=lines.encode(),
        capture_output=True, cwd=ROOT, check=True,
    ).stdout.decode().splitlines()  # fmt: skip
    for question, line in zip(asked, other, strict=True):
        mine = json.dumps({"id": None, **to_dict(assistant.ask(question))}, ensure_ascii=False)
        assert mine == json.dumps(
            {"id": None, **to_dict(assistant.ask(question))}, ensure_ascii=False
        )
        assert mine == line


def test_jsonl_takes_any_line() -> None:
    """Bad lines get an object with an error, the run goes on, and ends with 1."""
    lines = [
        b'{"id": "1", "question": "chin tuck reps"}', b"{broken", b"", b"\xff\xfe\x00",
        json.dumps({"id": "5", "question": "a" * 100_000}).encode(), b"[1]",
        '{"id": "7", "question": "💪 plank?"}'.encode(), b'{"id": "8", "question": 3}',
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "ask", "--jsonl"], input=b"\n".join(lines) + b"\n",
        capture_output=True, cwd=ROOT, check=False,
    )  # fmt: skip
    objects = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(objects) == 8
    assert ["error" in o for o in objects] == [False, True, True, True, False, True, False, True]
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


def test_imports_run_one_way() -> None:
    """A module imports only from those above it in the list in `assistant/__init__.py`."""
    package = ROOT / "assistant"
    described = (package / "__init__.py").read_text(encoding="utf-8")
    listed = re.search(r"Import order, one way: ([^.]+)\.", described)
    assert listed
    order = [name.strip(",") for name in listed[1].split()]
    modules = {path.stem for path in package.glob("*.py")} - {"__init__", "__main__"}
    assert sorted(order) == sorted({*modules, "pages"})
    for path in [*package.glob("*.py"), *package.glob("pages/*.py")]:
        name = "pages" if path.parent.name == "pages" else path.stem
        if name in modules | {"pages"}:
            late = _imported(path) - set(order[: order.index(name)]) - {name, "pages"}
            assert not late, f"{path.name} imports {late}, which stand below it"


def _imported(path: Path) -> set[str]:
    """The modules of the assistant that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "assistant":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("assistant."):
            found.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("assistant.")}
    return found


@pytest.mark.parametrize("folder", ["assistant", "eval", "tests"])
def test_only_the_named_modules_are_long(folder: str) -> None:
    """No module far above 300 lines but those named, each with its reason."""
    reasons = {
        "assistant/training/tune.py": "one training recipe, read from top to bottom",
        "tests/test_eval_scorers.py": "one small case for each scorer and outcome",
        "tests/test_figures.py": "one table of poses", "tests/test_handout.py": "one table of sheets",
        "tests/check/test_index_faults.py": "one fault after another on the same index",
    }  # fmt: skip
    for path in (ROOT / folder).rglob("*.py"):
        name = str(path.relative_to(ROOT))
        length = len(path.read_text(encoding="utf-8").splitlines())
        assert length <= 330 or name in reasons, f"{name} has {length} lines"


def test_libraries_stay_in_their_modules() -> None:
    """chromadb, gradio and the encoder runtime are each imported in one place."""
    allowed = {
        "chromadb": {"index.py"}, "onnxruntime": {"embedding.py"}, "sentence_transformers": set(),
        "gradio": {"pages/chat.py", "pages/server.py"}, "torch": set(), "transformers": set(),
    }  # fmt: skip
    for path in (ROOT / "assistant").rglob("*.py"):
        name = str(path.relative_to(ROOT / "assistant"))
        if name.startswith("training/"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for module in names:
                top = module.split(".")[0]
                assert name in allowed.get(top, {name}), f"{name} imports {module}"
                assert "training" not in module, f"{name} imports {module}"


def test_readme_shows_what_the_program_says(assistant: Assistant) -> None:
    """The answer and the refusal on the first screen are the program's own."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"```text\n\$ python -m assistant ask \"([^\"]+)\"\n(.*?)```", text, re.DOTALL)
    assert len(shown) == 2
    for question, said in shown:
        assert assistant.ask(question).text.strip() == said.strip()
