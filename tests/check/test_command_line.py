"""The command line with any input: one object a line, one line an error, the right exit status."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from assistant import Assistant, Settings

pytestmark = pytest.mark.check
ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = json.loads((ROOT / "tests/data/answer.schema.json").read_text(encoding="utf-8"))
COMMANDS = ["ask", "audit", "check", "doctor", "exam", "exercises", "handout", "index", "settings",
            "variants", "verify"]  # fmt: skip


def run(
    *arguments: str, said: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """`python -m assistant` with these arguments, standard input and settings."""
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments], input=said, capture_output=True,
        cwd=ROOT, env={**os.environ, **environment}, check=False,
    )  # fmt: skip


def _objects(out: bytes) -> list[dict[str, Any]]:
    """The lines as strict JSON in UTF-8."""

    def refuse(name: str) -> Any:
        raise AssertionError(f"{name} in the output")

    return [json.loads(line, parse_constant=refuse) for line in out.decode("utf-8").splitlines()]


def _line(**fields: Any) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()


# Each line with whether it is a valid question.
LINES: list[tuple[bytes, bool]] = [
    (_line(id="1", question="chin tuck reps"), True),
    (_line(id="2", question="¿cuánto dura la plancha?", earlier=["hola"]), True),
    (_line(id=3, question="💪🏽 plank? 🏳️‍🌈 👨‍👩‍👧"), True),
    (_line(id=None, question=""), True),
    (_line(question="no id"), True),
    (_line(id="6", question="a" * 100_000), True),
    (_line(id="7", question="how long is a plank held " * 4_000), True),
    (_line(id="8", question="x", earlier=["chest pain"] * 1_000), True),
    (b'{"id": "9", "question": "\\ud800 plank \\udfff"}', True),
    (b'{"id": "\\ud83d", "question": "plank"}', True),
    (b'{"id": "11", "question": "nul \\u0000 and \\u202e turned"}', True),
    (_line(id="12", question="line\nbreaks\r\nand\ttabs"), True),
    (b'{"id": "13", "question": "plank", "question": "chin tuck"}', True),
    (b'  {"id": "14", "question": "spaces around"}  \r', True),
    (_line(id={"a": [1]}, question="an id of any kind"), True),
    (b'{"id": "16", "question": "more keys", "other": [1, 2]}', True),
    (b"", False), (b"   \t ", False), (b"{", False), (b'{"id": "1", "question": "cut', False),
    (b"not json", False), (b"[]", False), (b"[1, 2]", False), (b"null", False), (b"3", False),
    (b'"text"', False), (b"\xff\xfe\x00\x01\x02", False), (bytes(range(11, 256)), False),
    (b"\x00" * 50, False), (b"\xef\xbb\xbf" + b'{"question": "with a mark"}', False),
    (b"[" * 200_000, False), (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, False),
    (b'{"id": NaN, "question": "plank"}', False), (b'{"id": 1, "question": Infinity}', False),
    (b'{"id": ' + b"9" * 6_000 + b', "question": "plank"}', False),
    (_line(id="x", question="b" * 2_000_000), False), (_line(id="x"), False),
    (_line(id="x", question=None), False), (_line(id="x", question=3), False),
    (_line(id="x", question=["a"]), False), (_line(id="x", question="a", earlier="b"), False),
    (_line(id="x", question="a", earlier=[1]), False), (_line(id="x", question="a", earlier=None), False),
    (_line(id="x", question="a", earlier={"a": "b"}), False),
]  # fmt: skip


def test_any_line_gets_one_object() -> None:
    """Good and bad lines in turn: answers keep the schema, the others say what is wrong; 1 at the end."""
    done = run("ask", "--jsonl", said=b"\n".join(line for line, _ in LINES) + b"\n")
    objects = _objects(done.stdout)
    assert ["error" not in o for o in objects] == [good for _, good in LINES]
    for (line, good), found in zip(LINES, objects, strict=True):
        if good:
            assert found.pop("id") == json.loads(line).get("id")
            jsonschema.validate({"id": None, **found}, SCHEMA)
        else:
            assert set(found) == {"id", "error"}
            assert 0 < len(found["error"]) < 200
    assert (done.returncode, done.stderr) == (1, b"")


def test_only_good_lines_end_with_0_and_none_say_nothing() -> None:
    """Exit status 0 whatever the outcome; empty input is no mistake; the last line may lack its end."""
    good = [line for line, fine in LINES if fine][:4]
    done = run("ask", "--jsonl", said=b"\n".join(good))
    assert (done.returncode, len(_objects(done.stdout)), done.stderr) == (0, 4, b"")
    done = run("ask", "--jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_each_answer_is_there_before_the_next_question() -> None:
    """The output is flushed after each line, so that another program can talk to it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "ask", "--jsonl"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(3):
        process.stdin.write(_line(id=number, question="plank") + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == number
    process.stdin.close()
    assert process.wait() == 0
    process.stdout.close()


def test_claims_are_checked_line_by_line() -> None:
    """`check --jsonl` gives a verdict or an error a line."""
    lines = [
        _line(id=1, claim="Hold for 5 seconds.", passages=["Hold for 5 seconds, repeat."]),
        _line(id=2, claim="Hold for 9 seconds.", passages=["Hold for 5 seconds, repeat."]),
        _line(id=3, claim="Hold.", passages=[]), _line(id=4, claim="", passages=["x"]),
        _line(id=5, claim=3, passages=["x"]), _line(id=6, claim="x", passages="x"), b"{",
    ]  # fmt: skip
    done = run("check", "--jsonl", said=b"\n".join(lines))
    objects = _objects(done.stdout)
    assert [o.get("supported") for o in objects] == [True, False, False, False, None, None, None]
    assert all(o.get("because") or o.get("error") for o in objects)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_terminal_without_utf8_gets_what_it_can_show() -> None:
    """In an ASCII locale JSON stays JSON and text stays readable; nothing crashes."""
    done = run("ask", "--json", "how long do i hold a plank", PYTHONIOENCODING="ascii")
    assert "20–60 seconds" in json.loads(done.stdout.decode("ascii"))["text"]
    done = run("ask", "how long do i hold a plank", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"seconds" in done.stdout


def test_every_command_explains_itself() -> None:
    """`--help` names all commands; each command's own help says what it does and its options."""
    listed = run("--help")
    assert listed.returncode == 0
    names = re.findall(r"^\W*([a-z]+)  +[A-Z]", listed.stdout.decode(), re.MULTILINE)
    assert sorted(names) == COMMANDS
    for name in COMMANDS:
        done = run(name, "--help")
        text = done.stdout.decode()
        assert done.returncode == 0
        assert f"assistant {name}" in text.replace("__main__", "assistant").replace("  ", " ")
        assert len(text.splitlines()) > 5, name


@pytest.mark.parametrize(
    ("arguments", "status"),
    [((), 2), (("nonsense",), 2), (("ask",), 2), (("ask", "a", "--jsonl"), 2),
     (("ask", "--nonsense", "a"), 2), (("check",), 2), (("exercises", "--region", "moon"), 2),
     (("exercises", "--equipment", "sword"), 2), (("exercises", "--purpose", "fun"), 2),
     (("verify", "/no/file"), 2), (("verify", "/dev/null"), 2), (("verify", sys.executable), 2),
     (("verify", "README.md"), 1), (("handout", "plank"), 2),
     (("handout", "nonsense", "-o", "/dev/null"), 2),
     (("handout", "plank", "-o", "/dev/null", "--paper", "a0"), 2),
     (("handout", "plank", "-o", "/no/folder/x.pdf"), 1), (("exam",), 2),
     (("--corpus", "/no/corpus", "audit"), 2), (("--corpus", "tests", "index"), 2)],
)  # fmt: skip
def test_wrong_use_is_short_and_has_its_status(arguments: tuple[str, ...], status: int) -> None:
    """Wrong arguments and files end with 2, work that cannot be done with 1, no traceback."""
    done = run(*arguments)
    assert done.returncode == status, done.stderr
    assert b"Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) <= 12


@pytest.mark.parametrize(
    ("name", "value"),
    [("ASSISTANT_NONSENSE", "1"), ("ASSISTANT_PORT", "many"), ("ASSISTANT_PORT", "0"),
     ("ASSISTANT_CHROMA", "nonsense"), ("ASSISTANT_CHROMA", "127.0.0.1:1"),
     ("ASSISTANT_MODEL", "nobody:nothing"), ("ASSISTANT_ENCODER", "/no/encoder.onnx"),
     ("ASSISTANT_CORPUS", "/no/corpus"), ("ASSISTANT_INDEX", "/proc/no/index")],
)  # fmt: skip
def test_a_wrong_setting_is_one_line(name: str, value: str) -> None:
    """What is wrong with the environment is said in one line, with what to correct."""
    done = run("ask", "plank", **{name: value})
    assert done.returncode in (1, 2)
    assert done.stdout == b""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith(b"assistant: ")


def test_secrets_are_not_shown() -> None:
    """`settings` lists every setting once and masks keys and passwords."""
    done = run("settings", ASSISTANT_MODEL_KEY="s3cret-key", ASSISTANT_DESK_PASSWORD="s3cret-word")
    names = [line.partition("=")[0] for line in done.stdout.decode().splitlines()]
    assert names == [f"ASSISTANT_{n.upper()}" for n in Settings.model_fields]
    assert b"s3cret" not in done.stdout + done.stderr
    assert b"ASSISTANT_MODEL_KEY=***" in done.stdout


Break = Callable[[Path], Any]


def _edit(name: str, old: str, new: str) -> Break:
    def change(corpus: Path) -> None:
        path = corpus / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def _bytes(name: str, data: bytes) -> Break:
    return lambda corpus: (corpus / name).write_bytes(data)


def _append(name: str, line: str) -> Break:
    def change(corpus: Path) -> None:
        with (corpus / name).open("a", encoding="utf-8") as handle:
            handle.write(line + "\n")

    return change


def _twice(corpus: Path) -> None:
    """A second article whose exercise has the first one's name and id."""
    shutil.copytree(corpus / "muscle-imbalance", corpus / "copy")


ARTICLE, REFERENCES = "muscle-imbalance/article.md", "muscle-imbalance/references.json"
VARIANTS = "muscle-imbalance/questions.jsonl"
MISTAKES: dict[str, tuple[Break, str]] = {
    "missing reference": (_edit(REFERENCES, '"id": "gea-2013"', '"id": "gea-2013", "x": 1'), REFERENCES),
    "missing references": (lambda c: (c / REFERENCES).unlink(), REFERENCES),
    "duplicate id": (_edit(ARTICLE, "#### Dead Bug", "#### Plank"), ARTICLE),
    "duplicate reference": (_edit(REFERENCES, '"gea-2013"', '"ginszt-2022"'), REFERENCES),
    "broken front matter": (_edit(ARTICLE, "title: ", "title "), ARTICLE),
    "no front matter": (_edit(ARTICLE, "---\n", "\n"), ARTICLE),
    "unknown field": (_edit(ARTICLE, "- Benefits:", "- Bonus:"), ARTICLE),
    "missing field": (_edit(ARTICLE, "- Equipment: Doorway or wall\n", ""), ARTICLE),
    "empty article": (_bytes(ARTICLE, b""), ARTICLE),
    "blank article": (_bytes(ARTICLE, b" \n\n"), ARTICLE),
    "Latin-1": (_bytes(ARTICLE, "---\ntítulo".encode("latin-1")), ARTICLE),
    "UTF-16": (_bytes(ARTICLE, "---\ntitle: x".encode("utf-16")), ARTICLE),
    "Windows line ends": (lambda c: _bytes(ARTICLE, (c / ARTICLE).read_bytes().replace(b"\n", b"\r\n"))(c), ARTICLE),
    "no article": (lambda c: (c / ARTICLE).unlink(), ""),
    "wrong folder name": (lambda c: (c / "muscle-imbalance").rename(c / "other"), "other/article.md"),
    "the same article twice": (_twice, "copy/article.md"),
    "unknown variant key": (_append(VARIANTS, '{"question": "a", "answers": [], "anwser": 1}'), VARIANTS),
    "variant without answers": (_append(VARIANTS, '{"question": "a"}'), VARIANTS),
    "variant to nowhere": (_append(VARIANTS, '{"question": "a", "answers": ["muscle-imbalance/no#1"]}'), VARIANTS),
    "variant to a number": (_append(VARIANTS, '{"question": "a", "answers": [7]}'), VARIANTS),
    "variant with odd earlier": (_append(VARIANTS, '{"question": "a", "answers": [], "earlier": "b"}'), VARIANTS),
    "broken variant": (_append(VARIANTS, '{"question": '), VARIANTS),
    "broken lay terms": (_append("lay_terms.jsonl", '{"said": "tush"}'), "lay_terms.jsonl"),
    "broken calibration": (_bytes("calibration.json", b"{}"), "calibration.json"),
    "broken grounding": (_bytes("grounding.json", b"[]"), "grounding.json"),
    "broken question forms": (_bytes("question_forms.json", b"[]"), "question_forms.json"),
    "broken aspects": (_bytes("aspects.json", b"{"), "aspects.json"),
    "broken exercise words": (_bytes("exercise_words.json", b"{}"), "exercise_words.json"),
    "missing source kinds": (lambda c: (c / "source_kinds.json").unlink(), "source_kinds.json"),
    "odd source kinds": (_bytes("source_kinds.json", b"[]"), "source_kinds.json"),
    "changed policy": (_append("policy/red_flags.json", " "), "policy/red_flags.json"),
    "missing policy": (lambda c: shutil.rmtree(c / "policy"), "policy"),
}  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Path:
    """The folder of the index that is served."""
    return Assistant.open().settings.index


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_in_a_corpus_is_one_line(tmp_path: Path, served: Path, mistake: str) -> None:
    """`index` names the file in one line and ends with 2; the index that is served stays as it was."""
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    change, name = MISTAKES[mistake]
    change(tmp_path / "corpus")
    before = _state(served)
    done = run("--corpus", str(tmp_path / "corpus"), "index")
    assert done.returncode == 2, done.stderr
    assert done.stdout == b""
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"assistant: {tmp_path / 'corpus' / name}")
    assert ";" in lines[0], "says no remedy"
    assert _state(served) == before


def _state(folder: Path) -> dict[str, int]:
    """Every file of the index with the time of its last change."""
    return {str(p): p.stat().st_mtime_ns for p in sorted(folder.rglob("*"))}
