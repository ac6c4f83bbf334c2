"""What can go wrong, as one small tree.

* AssistantError: base of everything that we raise on purpose; carries the exit status
  * InputError (2): wrong arguments or files
    * CorpusError: an article or its data breaks the conventions
    * PolicyError: the safety rules or notices are missing or broken
    * SettingsError: an environment setting has no meaning
    * QuestionError: the text asked is not a question that can be processed
  * WorkError (1): the work could not be done
    * IndexUnavailable: the search index cannot be built or trusted
    * ModelUnavailable: an encoder file is missing or not the one expected
"""

from __future__ import annotations

from pathlib import Path


class AssistantError(Exception):
    """Base of all errors raised on purpose; `exit_status` is what a command returns."""

    exit_status = 1


class InputError(AssistantError):
    """Wrong input: arguments or files."""

    exit_status = 2


class FileError(InputError):
    """Something in a file is wrong: where, what, and what to do about it, in one line."""

    def __init__(self, path: Path | str, what: str, remedy: str, line: int | None = None) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {what}; {remedy}")
        self.path, self.line, self.what, self.remedy = str(path), line, what, remedy


class CorpusError(FileError):
    """An article or its data breaks the conventions of corpus/README.md."""


class PolicyError(FileError):
    """The safety rules or notices are missing or broken; nothing may be answered."""


class SettingsError(InputError):
    """An environment setting has no meaning."""


class QuestionError(InputError):
    """The text asked cannot be processed as a question."""


class WorkError(AssistantError):
    """The work could not be done."""


class IndexUnavailable(WorkError):
    """The search index cannot be built or cannot be trusted."""


class ModelUnavailable(WorkError):
    """An encoder file is missing or is not the one expected."""
