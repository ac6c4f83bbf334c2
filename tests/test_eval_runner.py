"""Runs: whole, resumed, repeatable, honest about errors, silent about sealed cases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.asking import open_judge
from eval.cases import Case
from eval.errors import EvalError, InputError
from eval.records import Record, read_records
from eval.runner import latest, read_run, rescore, run
from eval.targets import CommandTarget, TargetSpec, open_target

CORPUS = "corpus"
TARGET = "eval.targets.overlap:answer"
SELECTION = {"set": "tuning", "slices": [], "ids": [], "variants": [], "open_sealed": False}
QUESTIONS = ["how long do I hold a plank", "chin tuck hold", "what is a trigger point",
             "does the hip flexor stretch need equipment", "price of a visit",
             "acupuncture and pain", "why does sitting hurt"]  # fmt: skip


def cases(which: str = "tuning") -> list[Case]:
    """A few cases about the real article."""
    return [
        Case(
            f"t-facts-{number:03}", "facts", "patient", "en", question, "answered", "t",
            gold_spans=("Hold for 5 seconds, repeat 10\u201312 times.",), set=which,
            cluster=f"t-facts-{number:03}",
        )
        for number, question in enumerate(QUESTIONS)
    ]  # fmt: skip


def start(runs: Path, target: str = TARGET, which: str = "tuning", **options: Any) -> Path:
    """A run of these cases in this process."""
    options = {"workers": 1, "quiet": True, **options}
    return run(cases(which), TargetSpec(CORPUS, target), SELECTION, runs, **options)


def stable(folder: Path) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]:
    """Records, summary and manifest of a run without times."""
    records = [json.loads(line) for line in (folder / "results.jsonl").open(encoding="utf-8")]
    for record in records:
        del record["timings"]
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    del summary["latency"]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["started"], manifest["finished"]
    return records, summary, manifest


def test_a_run_leaves_manifest_records_and_summary(tmp_path: Path) -> None:
    """The folder holds what was asked, how each case went, and the figures."""
    finished = read_run(start(tmp_path))
    assert [record.id for record in finished.records] == [case.id for case in cases()]
    assert finished.summary["counts"]["cases"] == len(QUESTIONS)
    for key in ("commit", "corpus", "cases", "code", "seed", "settings", "started", "finished"):
        assert key in finished.manifest
    assert latest(tmp_path) == finished.folder
    assert not list(tmp_path.glob("*.partial"))
    assert all(record.timings["asked"] > 0 for record in finished.records)


def test_two_runs_differ_in_time_alone(tmp_path: Path) -> None:
    """In one process or in two, the same commit gives the same records and figures."""
    first = stable(start(tmp_path / "a"))
    assert stable(start(tmp_path / "b")) == first
    assert stable(start(tmp_path / "c", workers=2)) == first


@pytest.mark.parametrize("cut", [0, 1, 40, 2000, 9000, 10**9])
def test_a_killed_run_is_taken_up_and_ends_the_same(tmp_path: Path, cut: int) -> None:
    """Wherever the records were cut off, whole lines are kept and the rest is asked."""
    whole = start(tmp_path)
    wanted = stable(whole)
    half = whole.with_name(whole.name + ".partial")
    whole.rename(half)
    (half / "summary.json").unlink()
    results = half / "results.jsonl"
    results.write_bytes(results.read_bytes()[:cut])
    again = start(tmp_path)
    assert again == whole
    assert stable(again) == wanted


SLOW = """
import time
from eval.targets.overlap import answer as fast
def answer(question, earlier):
    time.sleep(0.02)
    return fast(question, earlier)
"""


def test_a_run_killed_by_the_system_is_taken_up(tmp_path: Path) -> None:
    """SIGKILL in the middle, then the same command: the summary is that of an unbroken run."""
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def command(runs: str) -> list[str]:
        return [sys.executable, "-m", "eval", "run", "--quiet", "--slices", "facts,why,howto",
                "--variants", "none", "--corpus", CORPUS, "--target", "slow:answer",
                "--runs", str(tmp_path / runs)]  # fmt: skip

    subprocess.run(command("whole"), env=environment, check=True, capture_output=True)
    killed = subprocess.Popen(command("cut"), env=environment, stdout=subprocess.DEVNULL)
    results = tmp_path / "cut"
    while not any(p.stat().st_size > 20_000 for p in results.glob("*.partial/results.jsonl")):
        assert killed.poll() is None
        time.sleep(0.05)
    children = Path(f"/proc/{killed.pid}/task/{killed.pid}/children").read_text().split()
    killed.kill()
    killed.wait()
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline, "workers outlive a killed run"
        time.sleep(0.05)
    (half,) = results.glob("*.partial")
    kept = len((half / "results.jsonl").read_text(encoding="utf-8").splitlines())
    subprocess.run(command("cut"), env=environment, check=True, capture_output=True)
    first, again = stable(latest(tmp_path / "whole")), stable(latest(results))
    assert 0 < kept < len(first[0])
    assert latest(results).name == half.stem
    assert again == first


def test_another_configuration_starts_afresh(tmp_path: Path) -> None:
    """An unfinished run of other cases, or one not wanted, is left alone."""
    whole = start(tmp_path)
    whole.rename(whole.with_name(whole.name + ".partial"))
    assert start(tmp_path, fresh=True).name != whole.name
    assert list(tmp_path.glob("*.partial"))


def failing(question: str, earlier: Sequence[str]) -> Mapping[str, Any]:
    """A target that knows no planks and answers nonsense to prices."""
    if "plank" in question:
        raise TimeoutError("too slow")
    return {"outcome": "cheap"} if "price" in question else {"outcome": "not_covered", "text": ""}


def test_errors_are_counted_and_fail(tmp_path: Path) -> None:
    """A raised error and a malformed answer are records that failed, not gaps."""
    finished = read_run(start(tmp_path, f"{__name__}:failing"))
    errors = {record.id: record.error for record in finished.records if record.error}
    assert errors == {
        "t-facts-000": "TimeoutError: too slow",
        "t-facts-004": "malformed answer: outcome 'cheap' is not in the vocabulary",
    }
    outcome = finished.summary["measures"]["outcome"]
    assert (outcome["value"], outcome["n"], outcome["errors"]) == (0, len(QUESTIONS), 2)
    assert finished.summary["counts"]["errors"] == 2


def restless(question: str, earlier: Sequence[str]) -> Mapping[str, Any]:
    """A target that never answers alike."""
    restless_count.append(question)
    return {"outcome": "not_covered", "text": str(len(restless_count))}


restless_count: list[str] = []


def test_a_second_asking_shows_what_is_not_repeatable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every case asked twice here; the steady target repeats itself, the restless one does not."""
    monkeypatch.setattr("eval.asking.REPEATED_ONE_IN", 1)
    steady = read_run(start(tmp_path / "a"))
    assert {record.repeated for record in steady.records} == {True}
    other = read_run(start(tmp_path / "b", f"{__name__}:restless"))
    assert other.summary["measures"]["repeatability"]["value"] == 0


def test_sealed_cases_leave_no_text(tmp_path: Path) -> None:
    """Of a sealed run neither questions nor answers nor ids reach the disk."""
    folder = start(tmp_path, which="sealed")
    written = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    for item in cases("sealed"):
        assert item.question not in written
        assert item.id not in written
    record = read_records(folder / "results.jsonl")[0]
    assert (record.answer, record.question, record.earlier) == (None, "", ())
    assert stable(folder)[1]["counts"] == stable(start(tmp_path / "open"))[1]["counts"]


def test_stored_answers_are_judged_again_by_the_cases_of_today(tmp_path: Path) -> None:
    """A corrected label changes the score without a question being asked."""
    folder = start(tmp_path, f"{__name__}:failing")
    changed = [replace(case, outcome="not_covered", gold_spans=()) for case in cases()]
    assert rescore(folder, changed, open_judge(Path(CORPUS))) == len(QUESTIONS)
    again = read_run(folder)
    assert again.summary["measures"]["outcome"]["value"] == pytest.approx(5 / 7)
    assert again.summary["counts"]["errors"] == 2


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    """A missing and a broken file are named, exit status 2."""
    with pytest.raises(InputError, match="not a finished run"):
        read_run(tmp_path)
    with pytest.raises(InputError, match="no finished run"):
        latest(tmp_path)
    folder = start(tmp_path)
    (folder / "results.jsonl").write_text('{"id": 1}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"results\.jsonl:1"):
        read_run(folder)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_target_that_does_not_open_is_told_in_one_line(tmp_path: Path, workers: int) -> None:
    """A wrong module or name is wrong input, in one process or several."""
    for name in ("no_such_module:answer", "eval.targets.overlap:nothing", "eval"):
        with pytest.raises(InputError, match="--target"):
            start(tmp_path, name, workers=workers)


ECHO = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    if "stop" in asked["question"]: sys.exit(3)
    if "wrong" in asked["question"]:
        print(json.dumps({"id": asked["id"], "error": "no"}), flush=True)
    else: print(json.dumps({"id": asked["id"], "outcome": "not_covered",
                            "text": asked["question"] + str(asked["earlier"])}), flush=True)
"""


def test_a_command_is_asked_by_lines(tmp_path: Path) -> None:
    """The command answers in order, reports its errors, and is noticed when it stops."""
    script = tmp_path / "echo.py"
    script.write_text(ECHO, encoding="utf-8")
    target = open_target(TargetSpec(CORPUS, command=f"{sys.executable} {script}"))
    assert isinstance(target, CommandTarget)
    assert target("¿qué?", ["before"])["text"] == "¿qué?['before']"
    with pytest.raises(RuntimeError, match="reports: no"):
        target("wrong", [])
    with pytest.raises(RuntimeError, match="exit status 3"):
        target("stop", [])
    with pytest.raises(InputError, match="does not start"):
        open_target(TargetSpec(CORPUS, command="no-such-command-here"))


def test_the_command_line_runs_and_prints_a_single_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``run --case`` shows each score with its reason."""
    options = ["--corpus", CORPUS, "--runs", str(tmp_path), "--target", TARGET, "--quiet"]
    assert main(["run", *options, "--case", "ta-facts-001"]) == 0
    printed = capsys.readouterr().out
    assert "ta-facts-001: " in printed
    assert "gold spans" in printed


def test_a_single_sealed_case_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asking for one sealed case is refused: its result would be the case's own."""
    sealed = next(Path("eval/cases/sealed").glob("*.jsonl")).read_text(encoding="utf-8")
    name = json.loads(sealed.splitlines()[0])["id"]
    options = ["--corpus", CORPUS, "--runs", str(tmp_path), "--target", TARGET, "--quiet"]
    assert main(["run", *options, "--set", "sealed", "--case", name]) == 2
    assert "--open-sealed" in capsys.readouterr().err


def test_errors_of_runs_have_exit_statuses() -> None:
    """A check that failed is 1, wrong input is 2."""
    assert EvalError("x").exit_status == 1
    assert InputError("x").exit_status == 2
    assert main(["run", "--corpus", "nowhere"]) == 2


def test_records_are_frozen_data(tmp_path: Path) -> None:
    """A record read back equals the one written."""
    first, second = (read_run(start(tmp_path / name)).records for name in "ab")
    assert isinstance(first[0], Record)
    assert [(r.id, dict(r.scores)) for r in first] == [(r.id, dict(r.scores)) for r in second]
