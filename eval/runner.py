"""Runs: ask, judge, write; resumable, in the order of the cases, the same every time.

A run grows in ``<name>.partial`` and gets its name when it is whole. A killed run is taken up
where it stopped by the next run of the same configuration.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.asking import Judge, Worker
from eval.cases import Case
from eval.errors import EvalError, InputError
from eval.manifest import describe
from eval.progress import progress
from eval.records import Record, from_line, make_record, read_records, to_line
from eval.scorers import MalformedAnswerError, score_error
from eval.summary import summarise
from eval.targets import TargetSpec

RUNS = Path(__file__).parent / "runs"
CHUNK = 4  # cases handed to a worker at once
_worker: Worker | None = None
_failure: EvalError | None = None


@dataclass(frozen=True)
class Run:
    """A finished run, read from its folder."""

    folder: Path
    manifest: Mapping[str, Any]
    records: tuple[Record, ...]
    summary: Mapping[str, Any]

    @property
    def smoke(self) -> bool:
        """Whether it asked the smoke sample."""
        return bool(self.manifest["selection"]["set"] == "smoke")

    @property
    def partial(self) -> bool:
        """Whether it was asked for some slices or ids only."""
        chosen = self.manifest["selection"]
        return bool(chosen["slices"] or chosen["ids"])


def run(
    cases: Sequence[Case],
    spec: TargetSpec,
    selection: Mapping[str, Any],
    runs: Path = RUNS,
    workers: int = 2,
    fresh: bool = False,
    quiet: bool = False,
) -> Path:
    """Ask every case, and return the folder of the finished run.

    Raises EvalError when a worker process dies, InputError when the target cannot be opened.
    """
    manifest = describe(cases, spec, selection, Path(spec.corpus))
    folder = _begin(runs, manifest, fresh)
    results = folder / "results.jsonl"
    done = _kept(results, cases)
    try:
        with results.open("a", encoding="utf-8") as file:
            asked = _asked(cases[done:], spec, workers)
            for record in progress(asked, len(cases), done, quiet=quiet):
                file.write(to_line(record) + "\n")
                file.flush()
            os.fsync(file.fileno())
    finally:
        if not results.stat().st_size:  # nothing was asked: nothing to take up
            shutil.rmtree(folder)
    return _finish(folder, manifest)


def ask_all(
    cases: Sequence[Case], spec: TargetSpec, workers: int = 2, quiet: bool = False
) -> tuple[Record, ...]:
    """Ask every case and keep the records in memory; nothing is written."""
    return tuple(progress(_asked(cases, spec, workers), len(cases), quiet=quiet))


def read_run(folder: Path) -> Run:
    """A run from its folder. Raises InputError when something of it is missing or broken."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{folder}: not a finished run: {error}") from error
    return Run(folder, manifest, read_records(folder / "results.jsonl"), summary)


def latest(runs: Path = RUNS) -> Path:
    """The newest finished run. Raises InputError when there is none."""
    folders = [path.parent for path in runs.glob("*/summary.json")]
    whole = [folder for folder in folders if folder.suffix != ".partial"]
    if not whole:
        raise InputError(f"{runs}: no finished run; start one with python -m eval run")
    return max(whole, key=lambda folder: folder.name)


def finished_like(runs: Path, manifest: Mapping[str, Any]) -> Path | None:
    """The newest finished run of this very configuration, if there is one."""
    like = [
        path.parent
        for path in runs.glob("*/summary.json")
        if _config(path.parent) == manifest["config"]
    ]
    return max((folder for folder in like if folder.suffix != ".partial"), default=None)


def rescore(folder: Path, cases: Sequence[Case], judge: Judge) -> int:
    """Score the stored answers of a run again, by the cases as they are now.

    Returns how many records were scored again. Sealed records keep their scores (their answers
    are not stored), and so do records whose case is gone.
    """
    known = {case.id: case for case in cases}
    before = read_run(folder)
    records = [_rescored(record, known.get(record.id), judge) for record in before.records]
    lines = "".join(to_line(record) + "\n" for record in records)
    _write(folder / "results.jsonl", lines)
    _write_json(folder / "summary.json", summarise(records))
    return sum(r.id in known and not r.sealed for r in before.records)


def _begin(runs: Path, manifest: Mapping[str, Any], fresh: bool) -> Path:
    """The folder to write in: the unfinished one of the same configuration, or a new one."""
    runs.mkdir(parents=True, exist_ok=True)
    (runs / ".gitignore").write_text("*\n", encoding="utf-8")
    if not fresh:
        for folder in sorted(runs.glob("*.partial")):
            if _config(folder) == manifest["config"]:
                return folder
    now = datetime.now(UTC)
    stem = f"{now:%Y%m%dT%H%M%S%f}Z-{manifest['commit'][:7]}-{manifest['config']}"
    folder = runs / f"{stem}.partial"
    folder.mkdir()
    _write_json(folder / "manifest.json", {**manifest, "started": now.isoformat()})
    return folder


def _config(folder: Path) -> str | None:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return manifest.get("config")


def _kept(results: Path, cases: Sequence[Case]) -> int:
    """How many records stand already; a last line that a kill cut short is dropped."""
    if not results.exists():
        return 0
    whole = []
    for line, case in zip(results.read_text("utf-8", "replace").splitlines(), cases, strict=False):
        try:
            record = from_line(line)
        except (ValueError, KeyError, TypeError):
            break
        if record.case_sha256 != case.sha256:
            break
        whole.append(line)
    _write(results, "".join(line + "\n" for line in whole))
    return len(whole)


def _asked(cases: Sequence[Case], spec: TargetSpec, workers: int) -> Iterator[Record]:
    if workers == 1 or len(cases) <= CHUNK:
        worker = Worker(spec)
        yield from map(worker.ask, cases)
        return
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(workers, context, _open_worker, (spec,)) as pool:
            yield from pool.map(_ask, cases, chunksize=CHUNK)
    except BrokenProcessPool as error:
        raise EvalError(
            "a worker process died, perhaps for lack of memory; the same command takes the run "
            "up where it stopped"
        ) from error


def _open_worker(spec: TargetSpec) -> None:
    end_with_parent()
    global _worker, _failure  # one target a process, opened by the pool's initializer
    try:
        _worker = Worker(spec)
    except Exception as error:  # told by the first case asked, in one line
        _failure = opening_error(error)


def end_with_parent() -> None:
    """Let this worker end when its run is killed; it would wait for cases for ever."""
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _ask(case: Case) -> Record:
    if _worker is None:
        raise _failure or EvalError("this process has no open target")
    return _worker.ask(case)


def opening_error(error: Exception) -> EvalError:
    """Why a target does not open, as one line that can cross from process to process."""
    if getattr(error, "exit_status", None) is None:
        return EvalError(f"the target does not open: {type(error).__name__}: {error}")
    wrong_input = getattr(error, "exit_status", 1) == 2
    return InputError(str(error)) if wrong_input else EvalError(str(error))


def _finish(folder: Path, manifest: Mapping[str, Any]) -> Path:
    records = read_records(folder / "results.jsonl")
    _write_json(folder / "summary.json", summarise(records))
    started = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["started"]
    finished = datetime.now(UTC).isoformat()
    times = {"started": started, "finished": finished}
    _write_json(folder / "manifest.json", {**manifest, **times})
    whole = folder.with_suffix("")
    folder.rename(whole)
    return whole


def _rescored(record: Record, case: Case | None, judge: Judge) -> Record:
    if case is None or record.sealed:
        return record
    if record.answer is None:
        scores = score_error(case, record.error or "")
        return replace(record, scores=scores, passed=False, case_sha256=case.sha256)
    try:
        scores = judge.scores(case, record.answer)
    except MalformedAnswerError as error:
        return replace(record, error=f"malformed answer: {error}", passed=False)
    return make_record(case, record.answer, None, scores, record.repeated, record.timings)


def _write_json(path: Path, value: Any) -> None:
    _write(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _write(path: Path, text: str) -> None:
    """Write a whole file or nothing of it."""
    draft = path.with_name(path.name + ".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
