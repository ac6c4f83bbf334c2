"""The report: every number traced, nothing fetched, readable at both widths, silent on sealed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browsing import find_chromium
from playwright.sync_api import Browser, sync_playwright

from eval.__main__ import main
from eval.article import read_articles
from eval.cases import Case, load_cases
from eval.gate import Accepted, read_gate
from eval.report import Sources, dig, figures, report, write_report, written
from eval.runner import Run, read_run, run
from eval.targets import TargetSpec

CORPUS = Path("corpus")
SELECTION = {"set": "tuning", "slices": [], "ids": [], "variants": [], "open_sealed": False}


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Every 20th tuning case."""
    return list(load_cases(read_articles(CORPUS), sets=["tuning"]))[::20]


@pytest.fixture(scope="module")
def finished(cases: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of the word-overlap target over these cases."""
    spec = TargetSpec(str(CORPUS), "eval.targets.overlap:answer")
    runs = tmp_path_factory.mktemp("runs")
    return read_run(run(cases, spec, SELECTION, runs, workers=1, quiet=True))


@pytest.fixture(scope="module")
def sources(cases: list[Case], finished: Run) -> Sources:
    """Everything a report can show: a gate, an accepted run, second labels, a peer."""
    accepted = {cases[0].id: Accepted(True, "answered", "what was once shown")}
    labels = {case.id: case.outcome for case in cases[::2]}
    articles = read_articles(CORPUS)
    return Sources(cases, articles, read_gate(), accepted, labels, finished)


@pytest.fixture(scope="module")
def page(finished: Run, sources: Sources) -> str:
    """The report's HTML."""
    return report(finished, sources)


class Numbers(HTMLParser):
    """The numbers with their paths, and the cells of tables that hold digits without one."""

    def __init__(self) -> None:
        super().__init__()
        self.traced: list[tuple[str, str]] = []
        self.untraced: list[str] = []
        self._open: list[str] = []
        self._path: str | None = None
        self._card = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where we are."""
        given = dict(attrs)
        self._card = self._card or given.get("id") in ("card", "cases")
        if tag in ("td", "small", "data"):
            self._open.append(tag)
        if tag == "data":
            self._path = given["data-path"]

    def handle_endtag(self, tag: str) -> None:
        """Leave it."""
        if self._open and tag == self._open[-1]:
            self._open.pop()
        if tag == "data":
            self._path = None

    def handle_data(self, data: str) -> None:
        """Keep numbers, with or without their path."""
        if self._path is not None:
            self.traced.append((self._path, data))
        elif self._open and self._open[-1] == "td" and not self._card and re.search(r"\d", data):
            self.untraced.append(data)


def test_every_number_is_computed_again_from_the_run_folder(
    page: str, finished: Run, sources: Sources
) -> None:
    """Each number shown equals the one at its path in figures made anew from the records."""
    numbers = Numbers()
    numbers.feed(page)
    again = figures(read_run(finished.folder), sources)
    assert len(numbers.traced) > 500
    assert [(p, t) for p, t in numbers.traced if t != written(dig(again, p))] == []
    assert numbers.untraced == []


def test_the_figures_are_those_of_the_stored_summary(finished: Run, sources: Sources) -> None:
    """The summary beside the records says the same."""
    made = figures(finished, sources)["summary"]
    assert made["measures"] == finished.summary["measures"]
    assert made["matrix"] == finished.summary["matrix"]


def test_the_report_fetches_nothing_and_escapes_what_it_shows(
    finished: Run, sources: Sources
) -> None:
    """No address is loaded from, and a question with markup stays text."""
    records = list(finished.records)
    records[0] = replace(records[0], question="<script>alert(1)</script><img src=x>")
    html = report(replace(finished, records=tuple(records)), sources)
    assert "<script>alert" not in html
    assert not re.search(r"(?:src|href)=[\"'](?!#)", html)
    assert not re.search(r"url\(\s*[\"']?http|@import", html)


def test_the_report_shows_misses_flips_peer_and_labels(page: str, cases: list[Case]) -> None:
    """Each part of the report is there with something in it."""
    for part in ("gate", "missed", "matrix", "figures", "slices", "peer", "flips", "risk",
                 "latency", "cases", "card"):  # fmt: skip
        assert f'<section id="{part}">' in page
    alarms = [case for case in cases if case.outcome in ("urgent", "crisis")]
    missed = page[page.index('id="missed"') : page.index('id="matrix"')]
    assert all(case.id in missed for case in alarms)
    assert "<del>what was once shown</del>" in page.replace("\n", "") or "was once" in page
    assert "Cohen" in page
    assert "McNemar" in page


def test_sealed_cases_are_counted_and_not_shown(
    cases: list[Case], tmp_path: Path, sources: Sources
) -> None:
    """A report over sealed cases holds none of their text or ids."""
    sealed = [replace(case, set="sealed") for case in cases[:20]]
    spec = TargetSpec(str(CORPUS), "eval.targets.overlap:answer")
    folder = run(sealed, spec, {**SELECTION, "set": "sealed"}, tmp_path, workers=1, quiet=True)
    html = report(read_run(folder), replace(sources, cases=sealed, accepted={}, second_labels={}))
    card = html.index('<section id="card">')
    assert [case.id for case in sealed if case.id in html] == []
    assert [c.question for c in sealed if len(c.question) > 15 and c.question in html[:card]] == []


def test_the_command_writes_one_file(
    finished: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``report RUN --output FILE`` says where it is."""
    output = tmp_path / "r.html"
    arguments = ["report", str(finished.folder), "--output", str(output), "--corpus", "corpus"]
    assert main([*arguments, "--runs", str(finished.folder.parent)]) == 0
    assert capsys.readouterr().out.strip() == str(output)
    assert output.stat().st_size > 10_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_the_report_opens_in_a_browser(
    browser: Browser, finished: Run, sources: Sources, width: int
) -> None:
    """Nothing is requested or logged, nothing runs over the side, cells open their cases."""
    path = write_report(finished, sources)
    opened = browser.new_page(viewport={"width": width, "height": 800})
    requests: list[str] = []
    complaints: list[str] = []
    opened.on("request", lambda request: requests.append(request.url))
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(path.resolve().as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    cell = opened.locator(".matrix a").first
    wanted = int(cell.inner_text())
    cell.click()
    assert opened.locator("details.case:visible").count() == wanted
    first = opened.locator("details.case:visible").first
    first.locator("summary").first.click()
    assert first.locator(".question").is_visible()
    opened.locator("input[name=words]").fill("no such words anywhere")
    assert opened.locator("details.case:visible").count() == 0
    assert requests == [path.resolve().as_uri()]
    assert complaints == []
    opened.close()
