"""``python -m eval``: run, score, compare, report, gate, mutants, cases, agreement.

Exit status: 0 done, 1 a check failed or the work could not be done, 2 wrong arguments or files.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from eval import commands
from eval.errors import EvalError
from eval.gate import GATE
from eval.generated import KINDS
from eval.runner import RUNS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    chosen = _parser().parse_args(arguments)
    try:
        status: int = chosen.command(chosen)
    except BrokenPipeError:  # whoever read the output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("stopped; the same command takes the run up where it is", file=sys.stderr)
        return 1
    except EvalError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    except Exception as error:
        status = getattr(error, "exit_status", 0)  # the assistant's own errors carry one
        if not status:
            raise
        print(error, file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    parser.set_defaults(corpus=None)
    commands_ = parser.add_subparsers(required=True, metavar="COMMAND")
    _run(commands_)
    _on_runs(commands_)
    _mutants(commands_)
    _on_cases(commands_)
    return parser


def _add(
    parsers: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    parser = parsers.add_parser(name, help=text, description=text)
    parser.add_argument("--corpus", type=Path, help="corpus folder (default: the setting's)")
    parser.add_argument("--runs", type=Path, default=RUNS, help="folder of the runs")
    return parser


def _asking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--set", default="tuning", choices=commands.SETS, help="which cases")
    parser.add_argument("--slices", default="", help="only these slices, comma between")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def _run(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(parsers, "run", "ask cases, judge the answers, write a run folder")
    _asking(parser)
    parser.add_argument("--case", action="append", default=[], help="only this case (repeatable)")
    parser.add_argument(
        "--variants", default=None,
        help=f"generated variants, comma between: {', '.join(KINDS)} or none "
        "(default: all; none for single cases)",
    )  # fmt: skip
    parser.add_argument("--target", default="", help="module:callable to ask instead")
    parser.add_argument("--target-command", default="", help="command speaking JSON Lines")
    parser.add_argument("--fresh", action="store_true", help="do not take up an unfinished run")
    parser.add_argument(
        "--open-sealed", action="store_true",
        help="for evaluators: keep the text of sealed cases in the run (logged in the data card)",
    )  # fmt: skip
    parser.set_defaults(command=commands.run)


def _on_runs(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    score = _add(parsers, "score", "score the stored answers of a run again")
    score.add_argument("run", type=Path, nargs="?", help="run folder (default: the newest)")
    score.set_defaults(command=commands.score)
    compare = _add(parsers, "compare", "two runs, case by case")
    compare.add_argument("first", type=Path)
    compare.add_argument("second", type=Path)
    compare.set_defaults(command=commands.compare)
    report = _add(parsers, "report", "write a run's report as one HTML file")
    report.add_argument("run", type=Path, nargs="?", help="run folder (default: the newest)")
    report.add_argument("--peer", type=Path, help="run of another target to set beside it")
    report.add_argument("--output", type=Path, help="file (default: report.html in the run)")
    report.set_defaults(command=commands.report)
    gate = _add(
        parsers, "gate", "hold a run against the thresholds; exit status 1 if one is missed"
    )
    gate.add_argument(
        "run",
        type=Path,
        nargs="?",
        help="run folder (default: a smoke run of today's code, asked anew unless it stands already)",
    )
    gate.add_argument("--accept", action="store_true", help="take the run as the accepted one")
    gate.add_argument("--ratchet", metavar="WHY", help="raise the thresholds to what was reached")
    gate.add_argument("--gate", type=Path, default=GATE, help="another gate file")
    gate.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    gate.add_argument("--quiet", action="store_true", help="no progress bar")
    gate.set_defaults(command=commands.gate)


def _mutants(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(parsers, "mutants", "plant defects and require that the gate fails for each")
    parser.add_argument("--gate", type=Path, default=GATE, help="another gate file")
    parser.add_argument("--only", default="", help="only these mutants, comma between")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(command=commands.mutants)


def _on_cases(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(parsers, "cases", "check, count or cover: the case files themselves")
    parser.add_argument("what", choices=("check", "count", "coverage", "leaks"))
    parser.set_defaults(command=commands.cases)
    agreement = _add(parsers, "agreement", "agreement of the second labels with the first")
    agreement.set_defaults(command=commands.agreement)


if __name__ == "__main__":
    sys.exit(main())
