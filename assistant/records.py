"""What is indexed: passages, sentences with the headings above them, and question variants."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from assistant.corpus import Corpus, Variant, sentence_ids

# Of the question variants that one answer has, and of those that the article leaves open, so many
# are indexed: with 5 a blind author had 3 answers fewer of 200; more make the first build longer.
MOST_ALIKE, MOST_UNANSWERED = 8, 300


@dataclass(frozen=True)
class Record:
    """One vector of the index: its text, and what it points to (metadata).

    `kind` is passage, sentence, variant (a question answered by `targets`) or unanswered; `targets` are the sentence ids that it stands for.
    """

    id: str
    text: str
    kind: str
    section: str
    region: str
    targets: tuple[str, ...]

    @property
    def metadata(self) -> dict[str, str]:
        return {
            "kind": self.kind, "section": self.section, "region": self.region,
            "targets": " ".join(self.targets),
        }  # fmt: skip


def records(corpus: Corpus) -> list[Record]:
    """What is indexed: passages, sentences with their headings, and question variants."""
    regions = {e.passage.id: e.region for e in corpus.exercises}
    found = []
    for passage in corpus.passages.values():
        section = passage.heading[0] if passage.heading else ""
        region = regions.get(passage.id, "")
        ids = sentence_ids(passage)
        text = " > ".join(passage.heading) + "\n" + passage.text
        found.append(Record(passage.id, text, "passage", section, region, tuple(ids)))
        for sid, sentence in zip(ids, passage.sentences, strict=True):
            context = in_context(passage.heading, sentence.shown)
            found.append(Record(sid, context, "sentence", section, region, (sid,)))
    for variant in _indexed(corpus.variants):
        kind = "variant" if variant.answers else "unanswered"
        key = hashlib.sha256(
            "\0".join((variant.question, *variant.answers)).encode()
        ).hexdigest()[:16]  # fmt: skip
        found.append(Record(f"{kind}/{key}", variant.question, kind, "", "", variant.answers))
    return list({record.id: record for record in found}.values())


def _indexed(variants: Sequence[Variant]) -> list[Variant]:
    """The variants that are indexed: of each answer the first few, the authors taking turns."""
    groups: dict[tuple[str, ...], dict[str, list[Variant]]] = {}
    for variant in variants:
        if not variant.earlier:  # elliptical without the messages before it: misleading on its own
            groups.setdefault(variant.answers, {}).setdefault(variant.author, []).append(variant)
    chosen: list[Variant] = []
    for answers, authors in groups.items():
        turns = [v for turn in zip_longest(*authors.values()) for v in turn if v is not None]
        chosen += turns[: MOST_ALIKE if answers else MOST_UNANSWERED]
    return chosen


def in_context(heading: tuple[str, ...], text: str) -> str:
    """A sentence with the headings above it, as it is embedded and ranked."""
    above = [part for part in heading[-2:] if part != text]
    return f"{': '.join(above)}: {text}" if above else text
