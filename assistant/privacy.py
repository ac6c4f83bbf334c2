"""Personal details out of a message, before anything is shown, searched or kept.

What goes: names told as such, birth dates, telephone, record, member and social security numbers,
e-mail and street addresses. What stays: numbers that the articles print (`allowed`), counts, years, DOIs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from assistant.policy_files import POLICY, read_lists

_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|"
    "septiembre|octubre|noviembre|diciembre"
)
_DATE = (
    rf"(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}}|"
    rf"(?:{_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{2,4}}|"
    rf"\d{{1,2}}(?:st|nd|rd|th)? (?:de |of )?(?:{_MONTHS})(?: de|,)? \d{{2,4}})"
)
_KEPT = re.compile(
    r"https?://\S+|\b10\.\d{4,9}/\S+|\b\d{1,3}(?:\.\d+)?\s?[-–]\s?"
    r"\d{1,3}\b(?!\s?[-–.]\s?\d)|\b\d{4}[-–]\d{4}\b(?![-–.]?\d)|\b\d{3,4}–\d{3,4}\b"
)
_PRINTED = re.compile(r"\b[A-Z-]*\d[\d-]{3,}\b")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LOCAL = 7  # digits of a telephone number without its area code
_NAME = r"[A-ZÁÉÍÓÚÑ][\w'’.-]+"
_FURTHER = r"(?:[A-ZÁÉÍÓÚÑ]\.|[A-ZÁÉÍÓÚÑ][\w'’-]*)"  # a further name or an initial
_NUMBER = r"(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{3,}"


def _pattern(kind: str, words: Iterable[str]) -> tuple[str, re.Pattern[str]]:
    return kind, re.compile("|".join(words), re.IGNORECASE)


class Privacy:
    """Takes personal details out of texts, with a policy's cue words (privacy.json)."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        cues = {k: "|".join(re.escape(w) for w in v) for k, v in lists.items()}
        self._not_names = frozenset(w.casefold() for w in lists["not_names"])
        self._patterns = (
            _pattern("email", [
                r"[\w.+-]+ ?(?:@|\(at\)| at ) ?[\w-]+ ?(?:\.|\bdot\b) ?[a-z]{2,}\b",
            ]),
            _pattern("social_security", [
                r"\b\d{3}[- ]\d{2}[- ]\d{4}\b",
                rf"\b(?:{cues['social_security']})\W{{1,4}}[\d -]{{4,11}}",
            ]),
            _pattern("record", [rf"\b(?:{cues['record']})\b[\s#:.no]{{0,6}}{_NUMBER}"]),
            _pattern("birth_date", [
                rf"\b(?:{cues['birth']})\W{{1,4}}(?:(?:is|on|es|el|the)\s)?{_DATE}",
                rf"\b{_DATE}\b",
            ]),
            _pattern("phone", [
                r"(?<![\w.])(?:\+?\d{1,3}[\s.-]?)?\(?\d{3}\)?[\s.-]?\d{3}[\s.-]?\d{4}\b",
                rf"\b(?:{cues['phone']})\b\W{{0,3}}(?:(?:is|es)\s)?\+?[\d (). -]{{6,}}\d",
                r"\b\d{3}[-.]\d{4}\b",
            ]),
            _pattern("address", [
                r"\b\d{1,6} (?:[NSEW]\.? )?[A-Z][\w']+(?: [A-Z][\w']+)? "
                rf"(?:{cues['street']})\b\.?"
                r"(?:,? (?:apt|suite|unit|#)\.? ?\w+)?",
                rf"\b(?:{cues['calle']}) [A-ZÁÉÍÓÚÑ][\w']+(?: [\w']+)? (?:#|no\.? ?|num\.? ?)?\d+",
            ]),
            _pattern("number", [r"(?<![\w./-])\d(?:[ -]?\d){6,}\b"]),
        )  # fmt: skip
        self._names = re.compile(
            rf"\b(?i:{cues['name']})\s(?P<name>[^\W\d_][\w'’-]*"
            rf"(?:\s(?:(?:de|del|la|van|von|al|bin)\s)?{_FURTHER}){{0,3}})"
        )
        self._titled = re.compile(
            rf"\b(?:{cues['titled']})\.?\s(?P<name>{_NAME}(?:\s{_NAME}){{0,2}})"
        )
        self._after = re.compile(
            rf"(?P<name>\b{_NAME}(?:\s{_NAME}){{0,2}}) (?:{cues['after']})\b"
        )

    def redact(self, text: str, allowed: Iterable[str] = ()) -> tuple[str, tuple[str, ...]]:
        """The text without personal details ("…" in their place), and the kinds found."""
        keep = {re.sub(r"\D", "", number) for number in allowed}
        safe = [m.span() for m in _KEPT.finditer(text)]
        matches = [(m, kind) for kind, pattern in self._patterns for m in pattern.finditer(text)]
        safe += [m.span() for m, _ in matches if _is_one(re.sub(r"\D", "", m[0]), keep)]
        found = [(*m.span(), kind) for m, kind in matches if not _inside(m.span(), safe)]
        for pattern in (self._names, self._titled, self._after):
            found += [(*m.span("name"), "name") for m in pattern.finditer(text) if self._is_name(m)]
        return _cut(text, found), tuple(dict.fromkeys(kind for *_, kind in sorted(found)))

    def _is_name(self, match: re.Match[str]) -> bool:
        first = match["name"].split()[0].rstrip(".,")
        cue = match[0][: match.start("name") - match.start()].casefold()
        if ("name" in cue or "llamo" in cue or "nombre" in cue) and first[0].isupper():
            return True  # told outright, even where the clinic's people have that name
        known = first.casefold() in self._not_names
        return not known and (first[0].isupper() or "name" in cue or "llamo" in cue)


def same_number(printed: str, asked: str) -> bool:
    """Whether the digits `asked` are the number `printed`, or its end without the area code."""
    return asked == printed or (len(asked) >= _LOCAL and printed.endswith(asked))


def _is_one(digits: str, numbers: Iterable[str]) -> bool:
    return any(same_number(number, digits) for number in numbers)


def _inside(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(a <= span[0] and span[1] <= b for a, b in others)


def _cut(text: str, found: list[tuple[int, int, str]]) -> str:
    end = len(text) + 1
    for start, stop, _ in sorted(found, key=lambda f: (f[1], -f[0]), reverse=True):
        stop = min(stop, end)
        if start < stop:
            text = text[:start] + "…" + text[stop:]
            end = start
    return re.sub(r"…(?:[\s,]*…)+", "…", text)


@cache
def _default() -> Privacy:
    return Privacy(read_lists(POLICY / "privacy.json"))


def redact(text: str, allowed: Iterable[str] = ()) -> tuple[str, tuple[str, ...]]:
    """`text` without personal details, and the kinds found, by the shipped cue words.

    `allowed` are numbers that stay: the clinic's own.
    """
    return _default().redact(text, allowed)


def printed_numbers(texts: Iterable[str]) -> tuple[str, ...]:
    """Telephone, licence and other long numbers that `texts` print themselves; no plain years."""
    found = dict.fromkeys(n for text in texts for n in _PRINTED.findall(text))
    return tuple(n for n in found if not _YEAR.fullmatch(n) and sum(c.isdigit() for c in n) >= 4)
