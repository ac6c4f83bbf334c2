"""Every place where the articles name something: "scoliosis, every mention please"."""

from __future__ import annotations

from assistant.corpus import Corpus, sentence_ids
from assistant.lexical import stem, words
from assistant.picks import Pick, stems
from assistant.understanding import Reading

_MOST = 12  # places; what stands in more is no thing to list
_ASKING = (
    "mention mentions mentioned every everywhere anywhere wherever where else place places time times"
    " spot spots come comes came up talk talks talked appear appears named line lines sentence passage"
    " sentences passages say says said about including veces menciones partes"
)


class Mentions:
    """Finds the sentences of a corpus that name what a question asks every mention of."""

    def __init__(self, corpus: Corpus) -> None:
        self._stems = {
            sid: {stem(part) for w in words(sentence.text) for part in (w, *w.split("-"))}
            for p in corpus.passages.values()
            for sid, sentence in zip(sentence_ids(p), p.sentences, strict=True)
        }
        self._corpus = corpus

    def picks(self, reading: Reading) -> list[Pick] | None:
        """The sentences, by place; None where no mentions are asked for, or none or too many stand."""
        if "mentions" not in reading.cues:
            return None
        wanted = set(reading.unexplained(stems(_ASKING)))
        named = {s for e in reading.exercises for w in words(e.name) for s in (stem(w),)}
        wanted |= named
        found = [sid for sid, held in self._stems.items() if wanted and wanted <= held]
        if not 0 < len(found) <= _MOST:
            return None
        return [Pick((sid,), self._group(sid)) for sid in found]

    def _group(self, sid: str) -> str | None:
        passage = self._corpus.passages[sid.partition("#")[0]]
        plain = passage.kind in ("heading", "reference", "notice") or not passage.heading
        return None if plain else passage.heading[-1]
