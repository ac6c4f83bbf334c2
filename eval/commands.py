"""What each command of ``python -m eval`` does."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eval import agreement as second
from eval import compare as comparing
from eval import coverage, leaks, uselog
from eval import gate as gating
from eval import mutants as planting
from eval.article import Article, read_articles
from eval.asking import open_judge
from eval.cases import Case, load_cases
from eval.errors import InputError
from eval.generated import KINDS, TYPO_CASES, TYPO_CASES_SMOKE, variants
from eval.manifest import describe
from eval.ratchet import ratchet, write_gate
from eval.records import Record
from eval.report import Sources, write_report
from eval.runner import Run, finished_like, latest, read_run, rescore
from eval.runner import run as start
from eval.selection import select
from eval.targets import TargetSpec

SETS = ("smoke", "tuning", "sealed", "all")


def run(options: Namespace) -> int:
    """Ask the chosen cases; prints the run's folder and the headline figures."""
    corpus = _corpus(options)
    slices = tuple(filter(None, options.slices.split(",")))
    chosen = _cases(corpus)[1]
    asked = list(select(chosen, options.set, slices, options.case))
    kinds = _kinds(options)
    if options.case and any(case.sealed for case in asked) and not options.open_sealed:
        raise InputError("a single sealed case is not shown; evaluators may use --open-sealed")
    asked, copies = _without_copies(asked, corpus)
    if options.open_sealed:
        asked = [_opened(case) for case in asked]
    asked += _variants(asked, kinds, options.set == "smoke")
    selection = {
        "set": options.set, "slices": slices, "ids": options.case, "variants": kinds,
        "open_sealed": options.open_sealed, "left_out": copies,
    }  # fmt: skip
    spec = TargetSpec(str(corpus), options.target, options.target_command)
    if options.set in ("sealed", "all"):
        uselog.note("opened" if options.open_sealed else "totals", slices, spec.name)
    folder = start(
        asked, spec, selection, options.runs, options.workers, options.fresh, options.quiet
    )
    finished = read_run(folder)
    print(_headline(finished))
    if copies:
        print(f"{copies} sealed cases left out: near-copies of what the assistant learnt from")
    if options.case:
        print(*map(_scores, finished.records), sep="\n")
    print(folder)
    return 0


def score(options: Namespace) -> int:
    """Score stored answers again by today's cases and scorers."""
    folder = _folder(options)
    corpus = _corpus(options)
    known = _cases(corpus)[1]
    done = rescore(folder, [*known, *variants(known)], open_judge(corpus))
    print(f"{done} answers scored again in {folder}")
    print(_headline(read_run(folder)))
    return 0


def compare(options: Namespace) -> int:
    """Print two runs side by side."""
    first, second_run = read_run(options.first), read_run(options.second)
    print(comparing.as_text(comparing.compare(first.records, second_run.records)))
    return 0


def report(options: Namespace) -> int:
    """Write the report of a run."""
    current = read_run(_folder(options))
    articles, known = _cases(_corpus(options))
    peer = read_run(options.peer) if options.peer else _peer(current, options.runs)
    sources = Sources(
        [*known, *variants(known)], articles, gating.read_gate(), gating.read_accepted(),
        second.read_second_labels(), peer,
    )  # fmt: skip
    print(write_report(current, sources, options.output))
    return 0


def gate(options: Namespace) -> int:
    """Hold a run, or a new smoke run, against the thresholds."""
    thresholds, accepted = gating.read_gate(options.gate), gating.read_accepted()
    current = read_run(options.run) if options.run else _smoke_run(options)
    checks = gating.check(current.records, thresholds, accepted, current.smoke, current.partial)
    print(gating.as_text(checks))
    if options.ratchet:
        write_gate(ratchet(thresholds, checks, current.smoke, options.ratchet), options.gate)
        print("thresholds raised in gate.toml")
    if options.accept:
        taken = gating.write_accepted(current.records)
        print(f"{taken} cases taken as accepted")
    return 0 if all(item.passed for item in checks) else 1


def mutants(options: Namespace) -> int:
    """Plant every defect; exit status 1 when the gate misses one or fails without any."""
    corpus = _corpus(options)
    chosen = _smoke(corpus)
    names = tuple(filter(None, options.only.split(",")))
    thresholds = gating.read_gate(options.gate)
    spec = TargetSpec(str(corpus))
    results = planting.plant(chosen, spec, thresholds, names, options.workers, options.quiet)
    print(planting.as_text(results))
    return 0 if all(result.as_wanted for result in results) else 1


def cases(options: Namespace) -> int:
    """Check, count or cover the case files."""
    corpus = _corpus(options)
    articles, known = _cases(corpus)
    if options.what == "count":
        print(coverage.counts(known))
    elif options.what == "coverage":
        print(coverage.as_text(coverage.coverage(known, articles)))
    elif options.what == "leaks":
        found = leaks.leaks(known, leaks.read_learnt(corpus))
        print(leaks.as_text(found))
        return 1 if found else 0
    else:
        print(f"{len(known)} cases, all valid")
    return 0


def agreement(options: Namespace) -> int:
    """Print how far the second labels agree with the first."""
    known = _cases(_corpus(options))[1]
    print(second.as_text(second.agreements(known, second.read_second_labels())))
    return 0


def _corpus(options: Namespace) -> Path:
    if options.corpus:
        return Path(options.corpus)
    from assistant import Settings

    return Path(Settings.from_environment().corpus)


def _cases(corpus: Path) -> tuple[dict[str, Article], tuple[Case, ...]]:
    articles = read_articles(corpus)
    return articles, load_cases(articles)


def _kinds(options: Namespace) -> list[str]:
    if options.variants is None:
        return [] if options.case else list(KINDS)
    kinds = [kind for kind in options.variants.split(",") if kind and kind != "none"]
    if unknown := sorted(set(kinds) - set(KINDS)):
        raise InputError(f"unknown variant {unknown[0]!r}; known: {', '.join(KINDS)}, none")
    return kinds


def _without_copies(asked: Sequence[Case], corpus: Path) -> tuple[list[Case], int]:
    """The cases without sealed near-copies of learnt sentences, and how many those were."""
    sealed = [case for case in asked if case.sealed]
    copies = {leak.case.id for leak in leaks.leaks(sealed, leaks.read_learnt(corpus))}
    return [case for case in asked if case.id not in copies], len(copies)


def _opened(case: Case) -> Case:
    """A sealed case as an open one; the use is logged."""
    return replace(case, set="opened") if case.sealed else case


def _folder(options: Namespace) -> Path:
    return Path(options.run) if options.run else latest(options.runs)


def _peer(current: Run, runs: Path) -> Run | None:
    """The newest run of another target that asked a set with cases of this one."""
    asked = {record.id for record in current.records}
    for manifest in sorted(runs.glob("*/manifest.json"), reverse=True):
        if manifest.parent.suffix == ".partial" or manifest.parent == current.folder:
            continue
        other = read_run(manifest.parent)
        foreign = other.manifest["target"] != current.manifest["target"]
        if foreign and asked & {record.id for record in other.records}:
            return other
    return None


def _variants(cases: Sequence[Case], kinds: Sequence[str], few: bool) -> tuple[Case, ...]:
    return variants(cases, kinds, TYPO_CASES_SMOKE if few else TYPO_CASES)


def _smoke(corpus: Path) -> list[Case]:
    """The smoke sample with its variants."""
    chosen = select(_cases(corpus)[1], "smoke")
    return [*chosen, *_variants(chosen, KINDS, few=True)]


def _smoke_run(options: Namespace) -> Run:
    corpus = _corpus(options)
    chosen = _smoke(corpus)
    selection = {
        "set": "smoke", "slices": (), "ids": [], "variants": list(KINDS), "open_sealed": False,
        "left_out": 0,
    }  # fmt: skip
    spec = TargetSpec(str(corpus))
    same = finished_like(options.runs, describe(chosen, spec, selection, corpus))
    return read_run(
        same or start(chosen, spec, selection, options.runs, options.workers, True, options.quiet)
    )


def _headline(finished: Run) -> str:
    counts = finished.summary["counts"]
    lines = [
        f"{counts['passed']} of {counts['cases']} cases passed, {counts['errors']} errors, "
        f"{counts['critical_failed']} of {counts['critical']} critical cases failed"
    ]
    for name in ("outcome", "routing", "all_facts", "gold_recall", "precision"):
        item = finished.summary["measures"][name]
        if item["value"] is not None:
            between = f"[{item['low']:.3f}, {item['high']:.3f}]"
            lines.append(f"{name:14}{item['value']:.3f} {between} n = {item['n']}")
    return "\n".join(lines)


def _scores(record: Record) -> str:
    if record.sealed:
        return "one sealed case: only totals are shown"
    lines = [f"{record.id}: {'passed' if record.passed else 'failed'}, shown {record.shown}"]
    for name, item in record.scores.items():
        if item.applicable:
            lines.append(f"  {name:22}{item.value:8.3f}  {item.explanation}")
    return "\n".join(lines)
