"""A run as one self-contained HTML file: opens offline, prints, and hides no number's origin.

Every number outside the cases and the data card is shown through a path into ``figures``, which
is computed from the run folder alone; a test computes it again and compares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from eval import agreement, charts
from eval.article import Article
from eval.cases import Case
from eval.compare import Comparison, compare, word_diff
from eval.gate import Accepted, Check, Threshold, check, shown_text
from eval.records import Record, authored
from eval.runner import Run
from eval.scorers import SCORERS
from eval.summary import risk_coverage, summarise
from eval.views import CaseView, view

PAGE = Path(__file__).parent / "page"
CARD = Path(__file__).parent / "README.md"
SMALL = 30  # cases; a slice with fewer is marked as telling little


@dataclass(frozen=True)
class Sources:
    """What a report is made from beside the run itself."""

    cases: Sequence[Case]
    articles: Mapping[str, Article]
    thresholds: Sequence[Threshold]
    accepted: Mapping[str, Accepted]
    second_labels: Mapping[str, str]
    peer: Run | None = None


@dataclass(frozen=True)
class Flip:
    """A case that stands otherwise than in the accepted run, with the difference in words."""

    id: str
    slice: str
    fixed: bool
    words: Sequence[tuple[str, str]]


def report(run: Run, sources: Sources) -> str:
    """The report of a run as HTML."""
    checks = _checks(run, sources)
    shown = [record for record in run.records if _worth_showing(record)]
    known = {case.id: case for case in sources.cases}
    return (
        _environment()
        .get_template("report.html")
        .render(
            manifest=run.manifest,
            figures=figures(run, sources),
            passed=all(item.passed for item in checks),
            checks=checks,
            missed=[r for r in run.records if _is_miss(r)],
            scorers=SCORERS,
            small=SMALL,
            charts=_charts(run, sources.thresholds, checks),
            flips=_flips(run, sources.accepted),
            peer=sources.peer.manifest if sources.peer else None,
            margin=_margin(run, sources.peer),
            cases=[view(record, known.get(record.id), sources.articles) for record in shown],
            sealed=sum(record.sealed for record in authored(run.records)),
            card=Markup(MarkdownIt("commonmark", {"html": False}).enable("table").render(_card())),
            style=Markup((PAGE / "report.css").read_text(encoding="utf-8")),
            script=Markup((PAGE / "report.js").read_text(encoding="utf-8")),
        )
    )


def figures(run: Run, sources: Sources) -> dict[str, Any]:
    """Every number that the report shows, computed from the records of the run folder."""
    checks = _checks(run, sources)
    margin = _margin(run, sources.peer)
    found = agreement.agreements(sources.cases, sources.second_labels)
    return {
        "summary": {**summarise(run.records), "latency": run.summary["latency"]},
        "gate": [asdict(item) for item in checks],
        "margin": [vars(row) for row in (*margin.measures, *margin.slices)] if margin else [],
        "common": margin.common if margin else 0,
        "agreement": [asdict(item) for item in found],
        "missed": {
            "cases": sum(_is_miss(record) for record in authored(run.records)),
            "variants": sum(_is_miss(r) and r.variant is not None for r in run.records),
        },
    }


def dig(figures_: Mapping[str, Any], path: str) -> Any:
    """The number at a path such as ``summary.measures.outcome.value``."""
    found: Any = figures_
    for step in path.split("."):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def written(value: Any) -> str:
    """A number as the report writes it."""
    if value is None:
        return "\u2013"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _checks(run: Run, sources: Sources) -> tuple[Check, ...]:
    return check(run.records, sources.thresholds, sources.accepted, run.smoke, run.partial)


def _margin(run: Run, peer: Run | None) -> Comparison | None:
    return compare(peer.records, run.records) if peer else None


def _is_miss(record: Record) -> bool:
    """An emergency or crisis that was not routed."""
    score = record.scores.get("routing")
    return score is not None and score.applicable and score.value < 1


def _worth_showing(record: Record) -> bool:
    """Every open case, and of the generated variants those that failed."""
    return not record.sealed and (record.variant is None or not record.passed)


def _flips(run: Run, accepted: Mapping[str, Accepted]) -> list[Flip]:
    found = []
    for record in authored(run.records):
        before = accepted.get(record.id)
        if before is not None and not record.sealed and before.passed != record.passed:
            words = word_diff(
                f"{before.shown}: {before.text}", f"{record.shown}: {shown_text(record)}"
            )
            found.append(Flip(record.id, record.slice, record.passed, words))
    return found


def _charts(
    run: Run, thresholds: Sequence[Threshold], checks: Sequence[Check]
) -> dict[str, Markup]:
    summary = summarise(run.records)
    limits = {item.name: item.limit(run.smoke) for item in thresholds}
    gate = [
        charts.Point(item.name, item.value, item.figure.low, item.figure.high, limits[item.name])
        for item in checks
        if item.rising and item.value is not None
        and item.figure.low is not None and item.figure.high is not None
    ]  # fmt: skip
    slices = [
        charts.Point(f"{name} (n = {part['passed']['n']})", *_bounds(part["passed"]))
        for name, part in summary["slices"].items()
    ]
    drawn = {"slices": charts.intervals(slices, "Share of cases passed, by slice")}
    if gate:
        drawn["gate"] = charts.intervals(gate, "Gate figures and their thresholds")
    if points := risk_coverage(authored(run.records)):
        drawn["risk"] = charts.curve(points, "Risk and coverage as the floor of retrieval falls")
    if asked := [r.timings["asked"] for r in run.records if "asked" in r.timings]:
        drawn["latency"] = charts.histogram(asked, "Milliseconds that an answer took")
    return {name: Markup(drawing) for name, drawing in drawn.items()}


def _bounds(figure: Mapping[str, Any]) -> tuple[float, float, float]:
    return figure["value"], figure["low"], figure["high"]


def _card() -> str:
    return CARD.read_text(encoding="utf-8") if CARD.exists() else "No data card."


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["interval"] = _interval
    return environment


def _number(figures_: Mapping[str, Any], path: str) -> Markup:
    """A number with the path it came from."""
    value = dig(figures_, path)
    return Markup('<data data-path="{}" value="{}">{}</data>').format(
        path, "" if value is None else value, written(value)
    )


def _interval(figures_: Mapping[str, Any], path: str) -> Markup:
    """The interval at a path, or a dash where there is none."""
    if dig(figures_, f"{path}.low") is None:
        return Markup("\u2013")
    low, high = _number(figures_, f"{path}.low"), _number(figures_, f"{path}.high")
    return Markup("{} to {}").format(low, high)


def write_report(run: Run, sources: Sources, path: Path | None = None) -> Path:
    """Write the report beside the run's records, or to ``path``; returns where."""
    target = path or run.folder / "report.html"
    target.write_text(report(run, sources), encoding="utf-8")
    return target


__all__ = ["CaseView", "Sources", "dig", "figures", "report", "write_report", "written"]
