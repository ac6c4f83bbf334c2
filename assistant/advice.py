"""A message that asks for advice on a person's own case: its topic, and what else it asks.

A mixed message is cut at its sentences and joining words; the pieces that ask something of the
article alone are its general part, kept word for word.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.phrases import Phrases, tokens
from assistant.policy import Policy
from assistant.scope_encoder import ScopeEncoder

_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;\n]*")
_JOIN = re.compile(
    r"(?:,\s*|\s+)(?=(?:and|also|plus|but|then|n|y|e|pero|además|ademas|también|tambien)\b(?!['’]))|,\s+|\s+[+&]\s+|\s+-\s+",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:and|also|plus|but|then|so|n|y|e|pero|además|ademas|también|tambien|ok|okay)\b[\s,]*",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"[?¿]|\b(?:what|whats|how|which|who|where|when|why|does|do|is|are|explain|tell|list|show|give|"
    r"define|definition|name|steps?|reps?|sets?|walk me|talk me|remind|describe|compare|repeat|need|want|"
    r"love|benefits?|instructions?|directions?|phone|number|address|read me|look up|info|qu[eé]|c[oó]mo|cu[aá]l(?:es)?|cu[aá]nt[oa]s?|qui[eé]n|d[oó]nde|"
    r"expl[ií]que(?:me)?|explica(?:me)?|d[ií]game|dime|pasos|"
    r"en?l[ií]st\w+|lista|p[aá]s[ae](?:me|n)?|describ\w+|mu[eé]str\w+|ens[eé][ñn]\w+|quiero|necesito|"
    r"tel[eé]fono|beneficios|instrucciones|busco|repit\w+|compar\w+)\b",
    re.IGNORECASE,
)
_LEAST = 3  # words of a piece that may ask something
_WITH_WORDS = 0.05  # from which a piece with a word of permission or choice is left out


def pieces(text: str) -> list[str]:
    """The sentences of a message, long ones cut at joining words."""
    found = []
    for sentence in _SENTENCE.findall(text):
        if sentence.strip():
            found += [p.strip() for p in _JOIN.split(sentence) if p and p.strip()]
    return found


class Splitter:
    """Finds the general part of a mixed message."""

    def __init__(
        self, encoder: ScopeEncoder | None, limit: float, personal: Callable[[str], bool]
    ) -> None:
        self._encoder, self._limit, self._personal = encoder, limit, personal

    def general(self, text: str) -> str | None:
        """The part of `text` that asks of the article alone, word for word; None if there is none.

        A piece is left out when it asks for permission or a choice, or reads as individual.
        """
        parts = [p for p in pieces(text) if len(tokens(p)) >= _LEAST]
        if len(parts) < 2:
            return None
        bad = self._individual(parts)
        chosen = [p for p, b in zip(parts, bad, strict=True) if not b and _ASKS.search(p)]
        if not chosen or len(chosen) == len(parts):
            return None
        return " ".join(_LEAD.sub("", p) for p in chosen)

    def _individual(self, parts: list[str]) -> list[bool]:
        personal = [self._personal(part) for part in parts]
        if self._encoder is None:
            return personal
        readings = self._encoder.read_all(parts)
        return [
            r.individual + r.urgent + r.crisis >= (_WITH_WORDS if p else self._limit)
            for p, r in zip(personal, readings, strict=True)
        ]


class Topics:
    """What a declined message is about, for the suggestions shown with the refusal."""

    def __init__(self, policy: Policy) -> None:
        self._rows = policy.topics
        self._phrases = Phrases({t["id"]: t["words"] for t in policy.topics}, frozenset())

    def suggestions(self, text: str, language: str) -> tuple[str, ...]:
        """One or two general questions that the article answers."""
        hits = [h.concept for h in self._phrases.find(tokens(text))]
        row = next((t for t in self._rows if t["id"] in hits), self._rows[-1])
        return tuple(row["suggestions"][language if language == "es" else "en"][:2])
