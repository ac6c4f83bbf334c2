"""The interface strings of the pages, from the policy's notices, in the language of a reader."""

from __future__ import annotations

import json
import re

from assistant.errors import PolicyError
from assistant.policy import LANGUAGES, Policy

_PREFIXES = ("page_", "desk_", "handout_hold", "handout_sets", "handout_repetitions",
             "handout_not_stated", "handout_equipment", "handout_benefits", "no_source", "unreviewed")  # fmt: skip


class Voice:
    """Strings in one language; English where `language` is neither of ours."""

    def __init__(self, policy: Policy, language: str) -> None:
        self.policy = policy
        self.language = language if language in LANGUAGES else "en"

    def __call__(self, name: str, **values: str) -> str:
        """The string `name`, its slots filled. Raises PolicyError for an unknown name."""
        return self.policy.notice(name, self.language, **values).text

    def find(self, name: str, otherwise: str) -> str:
        """The string `name`, or `otherwise` where the policy has none."""
        return self(name) if name in self.policy.notices else otherwise


def dictionary(policy: Policy) -> dict[str, dict[str, str]]:
    """language -> string name -> text with open slots, for the scripts of the pages.

    Raises PolicyError when the strings of the pages are missing.
    """
    names = [name for name in policy.notices if name.startswith(_PREFIXES)]
    if "page_title" not in names or "desk_title" not in names:
        raise PolicyError(policy.path / "notices", "no strings of the pages", "restore pages.json")
    return {lang: {name: policy.notices[name][lang] for name in names} for lang in LANGUAGES}


def embed(data: object) -> str:
    """`data` as JSON that can stand inside a script element of an HTML page."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return re.sub(r"[<>&\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", text)


def accepted(header: str) -> str:
    """The first of our languages in an Accept-Language header, else English."""
    for part in header.split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in LANGUAGES:
            return tag
    return "en"
