"""What can go wrong, as one small tree.

- EvalError: the work could not be done, or a check failed (exit status 1)
  - InputError: wrong arguments or files (exit status 2)
    - CaseErrors: a list of mistakes in case files, each with file, line, id and reason
"""

from __future__ import annotations

from collections.abc import Sequence


class EvalError(Exception):
    """The work could not be done; the message is one clear line."""

    exit_status = 1


class InputError(EvalError):
    """The arguments or files are wrong; the message says what and how to mend it."""

    exit_status = 2


class CaseErrors(InputError):
    """Every mistake found in the case files, one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))
