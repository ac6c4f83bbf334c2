"""References: CSL-JSON entries, the in-text forms that cite them, and what kind of source each is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import CorpusError

UNDATED = "n.d."
YEAR = r"(?:\d{4}[a-z]?|n\.d\.(?:-[a-z])?)"
_GROUP = re.compile(rf"\((?P<body>[^()]*?,\s*{YEAR}(?:\s*,\s*{YEAR})*[^()]*)\)")
_PART = re.compile(rf"^(?:(?:see|e\.g\.,|cf\.)\s+)?(?P<who>.+?),\s*(?P<years>{YEAR}(?:\s*,\s*{YEAR})*)$")
_NARRATIVE = re.compile(
    r"(?P<who>\b[A-ZÀ-Ž][\w’'\-]+(?:(?:,? (?:and|&) |, )[A-ZÀ-Ž][\w’'\-]+| et al\.|,? Jr\.)*)\s"
    rf"\((?P<years>{YEAR}(?:\s*,\s*{YEAR})*)\)"
)


@dataclass(frozen=True)
class Reference:
    """One entry of an article's reference list.

    `id` is made of the first author and the year (`nitayarak-2021`, `jimenez-nd`); `label` is the
    in-text form; `kind` says what sort of source it is by its own words; `printed` is the entry as
    it stands in the article, between the characters `start` and `end` of the article's file.
    """

    id: str
    label: str
    kind: str
    url: str | None
    authors: tuple[str, ...]
    year: str
    title: str
    container: str
    volume: str
    issue: str
    pages: str
    doi: str
    printed: str = ""
    start: int = 0
    end: int = 0

    @property
    def undated(self) -> bool:
        """Whether the entry gives no year."""
        return self.year == UNDATED


@dataclass(frozen=True)
class InTextCitation:
    """A citation in the running text: where it stands and which names and year it gives."""

    label: str
    who: str
    year: str
    start: int
    end: int
    parenthesis: tuple[int, int]


def find_citations(text: str, offset: int = 0) -> list[InTextCitation]:
    """All in-text citations in `text`, in order; positions are shifted by `offset` characters.

    Known forms: `(A, 2020)`, `(A & B, 2020)`, `(A et al., n.d.)`, several with semicolons or
    several years of one author, and the narrative `A et al. (2020)`.
    """
    found = []
    for group in _GROUP.finditer(text):
        at = group.start("body")
        for part in re.finditer(r"[^;]+", group["body"]):
            match = _PART.match(part.group().strip())
            if match:
                found += _expand(match, at + part.start() + offset, len(part.group()), group, offset)
    for match in _NARRATIVE.finditer(text):
        found += _expand(match, match.start() + offset, len(match.group()), match, offset, False)
    return sorted(found, key=lambda citation: citation.start)


def _expand(
    match: re.Match[str],
    start: int,
    length: int,
    group: re.Match[str],
    offset: int,
    in_parenthesis: bool = True,
) -> list[InTextCitation]:
    span = (group.start() + offset, group.end() + offset) if in_parenthesis else (0, 0)
    who = " ".join(match["who"].split())
    years = re.split(r"\s*,\s*", match["years"])
    return [
        InTextCitation(f"{who}, {year}", who, year, start, start + length, span) for year in years
    ]


def _fold(name: str) -> str:
    return re.sub(r"[\s,.]+", " ", name.replace("’", "'")).strip().casefold()


def family_names(entry: dict[str, Any]) -> tuple[str, ...]:
    """Family names, with a suffix such as Jr. left out, or the name of a corporate author."""
    return tuple(str(a.get("literal") or a.get("family") or "") for a in entry.get("author", []))


def in_text_label(names: tuple[str, ...], year: str) -> str:
    """The in-text form of APA style: one name, two with "&", or the first with "et al."."""
    if len(names) == 1:
        return f"{names[0]}, {year}"
    if len(names) == 2:
        return f"{names[0]} & {names[1]}, {year}"
    return f"{names[0]} et al., {year}"


def cites(citation: InTextCitation, reference: Reference) -> bool:
    """Whether `citation` names `reference`: same first author(s) and the same year and letter."""
    if citation.year != reference.year:
        return False
    names = reference.authors
    who = re.sub(r",? Jr\.?$", "", citation.who)
    forms = {_fold(names[0])}
    forms.add(_fold(f"{names[0]} et al."))
    if len(names) == 2:
        forms = {_fold(f"{names[0]} {word} {names[1]}") for word in ("&", "and")}
    elif len(names) > 2:
        forms.discard(_fold(names[0]))
        forms |= {_fold(", ".join(names[:-1]) + f"{mark} & {names[-1]}") for mark in ("", ",")}
    return _fold(who) in forms


def printed_form(entry: dict[str, Any]) -> str:
    """The entry in APA style, as a reference list prints it, without mark-up."""
    people = [_person(author) for author in entry["author"]]
    who = people[0] if len(people) == 1 else ", ".join(people[:-1]) + ", & " + people[-1]
    parts = [f"{who} ({_year(entry)}). {entry['title']}.".replace("..", ".")]
    container = entry.get("container-title", "")
    if container:
        parts.append(container + _volume(entry) + ".")
    parts.append(_link(entry) or "")
    return " ".join(part for part in parts if part)


def _person(author: dict[str, str]) -> str:
    if "literal" in author:
        return author["literal"] + ("" if author["literal"].endswith(".") else ".")
    suffix = f", {author['suffix']}" if author.get("suffix") else ""
    return f"{author['family']}, {author.get('given', '')}{suffix}"


def _volume(entry: dict[str, Any]) -> str:
    volume, issue, pages = (str(entry.get(k, "")) for k in ("volume", "issue", "page"))
    text = f", {volume}" if volume else ""
    text += f"({issue})" if issue else ""
    return text + (f", {pages}" if pages else "")


def _year(entry: dict[str, Any]) -> str:
    parts = entry.get("issued", {}).get("date-parts", [[None]])
    return str(parts[0][0]) + str(entry.get("year-suffix", "")) if parts[0][0] else UNDATED


def _link(entry: dict[str, Any]) -> str | None:
    return f"https://doi.org/{entry['DOI']}" if entry.get("DOI") else entry.get("URL")


_REQUIRED = ("id", "type", "title", "author")
_KNOWN = {*_REQUIRED, "issued", "year-suffix", "container-title", "volume", "issue", "page", "DOI",
          "URL"}


def read_references(path: Path, kinds: dict[str, list[str]], own_names: str) -> list[Reference]:
    """The references in the CSL-JSON file `path`.

    `kinds` maps a kind of source to the lower-case words of a title that show it (data of the
    corpus); `own_names` is the text in which a web page's author is looked for, to tell the
    clinic's own page. Raises CorpusError for anything malformed.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CorpusError(path, "the reference file is missing", "add it (an empty list: [])") from None
    except UnicodeDecodeError:
        raise CorpusError(path, "is not UTF-8 text", "save it as UTF-8") from None
    except json.JSONDecodeError as error:
        raise CorpusError(path, f"is not JSON ({error.msg})", "correct it", error.lineno) from None
    if not isinstance(entries, list):
        raise CorpusError(path, "is not a JSON list", "put the entries into [ ]")
    references = [_read_entry(path, entry, kinds, own_names) for entry in entries]
    seen: set[str] = set()
    for reference in references:
        if reference.id in seen:
            raise CorpusError(path, f"duplicate id {reference.id!r}", "give each entry its own id")
        seen.add(reference.id)
    return references


def _read_entry(
    path: Path, entry: Any, kinds: dict[str, list[str]], own_names: str
) -> Reference:
    name = entry.get("id", "?") if isinstance(entry, dict) else "?"
    if not isinstance(entry, dict) or any(not entry.get(key) for key in _REQUIRED):
        raise CorpusError(path, f"entry {name!r} lacks one of {', '.join(_REQUIRED)}", "add it")
    unknown = sorted(set(entry) - _KNOWN)
    if unknown:
        raise CorpusError(path, f"entry {name!r} has the unknown field {unknown[0]!r}", "remove it")
    names, year = family_names(entry), _year(entry)
    return Reference(
        id=entry["id"],
        label=in_text_label(names, year),
        kind=source_kind(entry, kinds, own_names),
        url=_link(entry),
        authors=names,
        year=year,
        title=entry["title"],
        container=entry.get("container-title", ""),
        volume=str(entry.get("volume", "")),
        issue=str(entry.get("issue", "")),
        pages=str(entry.get("page", "")),
        doi=entry.get("DOI", ""),
        printed=printed_form(entry),
    )


def source_kind(entry: dict[str, Any], kinds: dict[str, list[str]], own_names: str) -> str:
    """What sort of source an entry is, by its own title and type; else `study`."""
    if entry["type"] == "webpage":
        own = any(name and name in own_names for name in family_names(entry))
        return "clinic's own web page" if own else "web page"
    title = entry["title"].casefold()
    for kind, words in kinds.items():
        if any(word in title for word in words):
            return kind
    return "study"
