"""Personal details out of a message, before anything is shown, searched or kept.

What goes: names told as such, birth dates, telephone, record, member and social security numbers,
e-mail and street addresses. What stays: numbers that the articles print (`allowed`), counts, years, DOIs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from assistant.lexical import fold
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
_TOKEN = re.compile(r"[^\W_][\w'’-]+")
_STARTS = re.compile(r"(?:^|[.!?¿¡:\n…])\W*$")
_NAME = r"[A-ZÁÉÍÓÚÑ][\w'’.-]+"
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
            rf"\b(?:{cues['name']})\s(?P<name>[^\W\d_][\w'’.-]*(?:\s(?:de|del|la|van|von|O')?\s?"
            r"[A-ZÁÉÍÓÚÑ][\w'’.-]+){0,3})",
            re.IGNORECASE,
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
        safe += [m.span() for m, _ in matches if re.sub(r"\D", "", m[0]) in keep]
        found = [(*m.span(), kind) for m, kind in matches if not _inside(m.span(), safe)]
        for pattern in (self._names, self._titled, self._after):
            found += [(*m.span("name"), "name") for m in pattern.finditer(text) if self._is_name(m)]
        return _cut(text, found), tuple(dict.fromkeys(kind for *_, kind in sorted(found)))

    def _is_name(self, match: re.Match[str]) -> bool:
        first = match["name"].split()[0].rstrip(".,")
        known = first.casefold() in self._not_names
        return not known and (first[0].isupper() or "name" in match[0][:12].casefold()
                              or "llamo" in match[0].casefold())


class Names:
    """Finds words that look like somebody's name or code, to be left out of what is said back.

    `known` are folded words that may be said back: the corpus's own and those of `capitals` in
    privacy.json. Search still sees the message as typed (without what `redact` takes out).
    """

    def __init__(self, known: Iterable[str], common: Iterable[str]) -> None:
        self._known = frozenset(known) | frozenset(read_lists(POLICY / "privacy.json")["capitals"])
        self._common = frozenset(common)

    def found(self, texts: Iterable[str]) -> frozenset[str]:
        """Folded words of `texts` with a capital, or a capital and a digit, that are not known."""
        names = set()
        for text in texts:
            for match in _TOKEN.finditer(text):
                word = fold(match[0]).removesuffix("'s").strip("'-")
                coded = any(c.isdigit() for c in match[0]) and any(c.isupper() for c in match[0])
                if not (match[0][0].isupper() or coded) or self._may_stay(word):
                    continue
                begins = _STARTS.search(text[: match.start()]) is not None
                if coded or not ((begins or match[0].isupper()) and word in self._common):
                    names.add(match[0].casefold())
        return frozenset(names)

    def _may_stay(self, word: str) -> bool:
        return len(word) < 3 or word in self._known or all(part in self._known for part in word.split("-"))

    @staticmethod
    def without(text: str, names: frozenset[str]) -> str:
        """`text` with "…" in the place of each of the `names`."""
        if not names:
            return text
        either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        cut = re.sub(rf"(?<!\w)(?:{either})(?!\w)", "…", text, flags=re.IGNORECASE)
        return re.sub(r"…(?:[\s,]*…)+", "…", cut)


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
