"""The command line: `python -m assistant COMMAND`. Formats nothing itself; render.py does."""

from __future__ import annotations

import dataclasses
import io
import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from assistant import Assistant, AssistantError, Settings, find_exercises, read_corpus, to_dict
from assistant.errors import InputError
from assistant.json_lines import each_line, print_json, text_of, texts_of
from assistant.receipt import problems
from assistant.render import to_markdown

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Answers from one article, with the very words and their sources.",
)  # fmt: skip


@app.callback()
def common(
    context: typer.Context,
    corpus: Annotated[Path | None, typer.Option(help="folder of another corpus")] = None,
) -> None:
    """Options of every command."""
    context.obj = {"corpus": corpus} if corpus else {}


def _settings(context: typer.Context) -> Settings:
    return Settings.from_environment(**context.obj)


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="the question")] = None,
    earlier: Annotated[list[str] | None, typer.Option(help="an earlier message, oldest first")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the answer as JSON")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="one JSON object a line, in and out")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="print Markdown")] = False,
    trace: Annotated[bool, typer.Option("--trace", help="add hits and timings")] = False,
) -> None:
    """Answer a question, or with --jsonl each question on standard input."""
    if (question is None) != jsonl:
        raise InputError("give either a question or --jsonl")
    assistant = Assistant.open(_settings(context))
    if jsonl:
        def answer(item: dict[str, Any]) -> dict[str, Any]:
            return to_dict(assistant.ask(text_of(item, "question"), texts_of(item, "earlier"), trace))

        raise typer.Exit(each_line(sys.stdin.buffer, answer))
    found = assistant.ask(question or "", earlier or [], trace)
    if as_json:
        print_json(to_dict(found))
    else:
        print(to_markdown(found, assistant.labels(found.language)) if markdown else found.text)


@app.command()
def check(
    context: typer.Context,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="one JSON object a line, in and out")] = False,
) -> None:
    """Check sentences: {"id", "claim", "passages"} -> {"id", "supported", "because"}."""
    if not jsonl:
        raise InputError("check reads standard input; give --jsonl")
    grounding = Assistant.open(_settings(context)).grounding

    def judge(item: dict[str, Any]) -> dict[str, Any]:
        verdict = grounding.check(text_of(item, "claim"), texts_of(item, "passages"))
        return {"supported": verdict.supported, "because": verdict.because}

    raise typer.Exit(each_line(sys.stdin.buffer, judge))


@app.command()
def exercises(
    context: typer.Context,
    region: str | None = None,
    equipment: str | None = None,
    muscle: str | None = None,
    purpose: Annotated[str | None, typer.Option(help="strengthen or stretch")] = None,
    search: str | None = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List the article's exercises that meet all conditions."""
    corpus = read_corpus(_settings(context).corpus)
    _known("--purpose", purpose, {"strengthen", "stretch"})
    _known("--region", region, {e.region for e in corpus.exercises})
    _known("--equipment", equipment, {o for e in corpus.exercises for o in e.equipment_options})
    found = find_exercises(corpus.exercises, region, equipment, muscle, purpose, search)
    for exercise in found:
        if not as_json:
            print(exercise.title.text, f"[{exercise.region}]")
            print(*(f"  {line.text}" for line in exercise.passage.sentences[1:]), sep="\n")
    if as_json:
        print_json([exercise.to_dict() for exercise in found])


def _known(option: str, value: str | None, values: set[str]) -> None:
    if value is not None and value.strip().lower().replace("-", " ") not in values:
        raise InputError(f"{option} {value!r} is not in the corpus; use one of {sorted(values)}")


@app.command()
def index(
    context: typer.Context, rebuild: Annotated[bool, typer.Option("--rebuild")] = False
) -> None:
    """Build the search index if the corpus changed, or --rebuild it."""
    from assistant.parts import open_parts

    parts = open_parts(_settings(context), rebuild=rebuild, progress=_progress)
    print(f"index {parts.index.name}: {len(parts.index.stored())} records")


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\r{done}/{total}", end=end, file=sys.stderr, flush=True)


@app.command()
def audit(context: typer.Context, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List what is odd in the articles."""
    from assistant.audit import audit as look

    corpus = read_corpus(_settings(context).corpus)
    for article in corpus.articles:
        for finding in look(article, corpus.exercises):
            if as_json:
                where = list(finding.where)
                print_json({"kind": finding.kind, "where": where, "text": finding.text})
            else:
                print(f"{finding.kind}: {finding.text}")


@app.command()
def verify(context: typer.Context, file: Path) -> None:
    """Recompute the receipts of the answers in FILE (one object, or one a line)."""
    from assistant.policy import read_policy

    settings = _settings(context)
    corpus, policy = read_corpus(settings.corpus), read_policy(settings.corpus / "policy")
    status, count = 0, 0
    for number, answer in enumerate(_answers(file), 1):
        found = problems(answer, corpus, policy.fingerprint)
        print(f"{number}: {'; '.join(found) if found else 'holds'}")
        status, count = (1 if found else status), count + 1
    if not count:
        raise InputError(f"{file}: holds no answer; give a file that `ask --json` printed")
    raise typer.Exit(status)


def _answers(file: Path) -> list[Any]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read ({type(error).__name__}); check the path") from None
    try:
        return [json.loads(text)]
    except ValueError:
        pass
    answers = []
    for line in filter(str.strip, text.splitlines()):
        try:
            answers.append(json.loads(line))
        except ValueError:
            answers.append(None)
    return answers


@app.command()
def settings(context: typer.Context) -> None:
    """List all settings with their values; secrets are masked."""
    for name, value, text in _settings(context).rows():
        print(f"{name}={value}  # {text}")


@app.command()
def exam(context: typer.Context, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Put the chat model through the fixed exam; the pages use it only once it has passed."""
    from assistant.exam import examine

    report = examine(Assistant.open(_settings(context)), _progress)
    for result in report.results:
        if as_json:
            print_json(dataclasses.asdict(result))
        elif not result.passed:
            print(f"{result.id} ({result.kind}): {result.because}")
    shares = ", ".join(f"{kind} {share:.0%}" for kind, share in report.shares.items())
    verdict = "passed" if report.passed else "failed"
    if not as_json:
        print(f"{report.model}: {verdict} ({shares if report.answered else 'it does not answer'})")
    raise typer.Exit(0 if report.passed else 1)


@app.command()
def doctor(context: typer.Context, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Check the installation: folders, models, policy, index, an answer, network silence."""
    from assistant.doctor import look

    status = 0
    for check in look(_settings(context)):
        status = status if check.ok else 1
        if as_json:
            print_json(dataclasses.asdict(check))
        else:
            print(f"{'ok   ' if check.ok else 'WRONG'} {check.name}: {check.text}")
    raise typer.Exit(status)


@app.command()
def variants(context: typer.Context) -> None:
    """Coverage: question variants for each passage, and how many a person has reviewed."""
    corpus = read_corpus(_settings(context).corpus)
    for passage in corpus.passages.values():
        mine = [v for v in corpus.variants if any(a.startswith(passage.id + "#") for a in v.answers)]
        reviewed = sum(v.reviewed for v in mine)
        print(f"{len(mine):5d} {reviewed:5d} reviewed  {passage.id}")
    print(f"{len(corpus.variants):5d} {sum(v.reviewed for v in corpus.variants):5d} reviewed  in all")


@app.command()
def handout(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(help="names of exercises")],
    output: Annotated[Path, typer.Option("-o", "--output", help="the PDF to write")],
    language: str = "en",
    paper: Annotated[str, typer.Option(help="letter or a4")] = "letter",
) -> None:
    """Write the printable sheet of the named exercises."""
    from datetime import date

    from assistant.handout import make_pdf
    from assistant.policy import read_policy

    options = _settings(context)
    corpus, policy = read_corpus(options.corpus), read_policy(options.corpus / "policy")
    by_name = {e.name.lower(): e for e in corpus.exercises}
    for name in names:
        if name.lower() not in by_name:
            raise InputError(f"no exercise {name!r}; use one of {', '.join(sorted(by_name))}")
    if paper not in ("letter", "a4") or language not in ("en", "es"):
        raise InputError("--paper is letter or a4, --language is en or es")
    size: Literal["letter", "a4"] = "a4" if paper == "a4" else "letter"
    chosen = [by_name[name.lower()] for name in names]
    data = make_pdf(
        chosen, corpus, notices=policy.notices, today=date.today(), language=language,
        paper=size, reviewed=policy.reviewed,
    )  # fmt: skip
    output.write_bytes(data)
    print(f"{output}: {len(chosen)} exercises")


def main() -> int:
    """Run the command line; every error of ours is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack our characters
    try:
        app()
    except AssistantError as error:
        print(f"assistant: {error}", file=sys.stderr)
        return error.exit_status
    except BrokenPipeError:
        return 1
    except OSError as error:
        print(f"assistant: {error.filename or ''}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
