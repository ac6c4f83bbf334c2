"""What may be said back of a person's own words: known words and the article's numbers, no more.

A list of what looks like a personal detail always misses some, so it is the other way round:
"…" stands for every word that is not known to be an everyday word or one of the article's, and
for every number that the article does not print. Names stand in corpus/policy/names.json; those
that are everyday words too ("Will", "Rose") go where they are written or placed like a name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from assistant.corpus import Corpus
from assistant.lexical import common_words, corpus_vocabulary, fold
from assistant.policy import Policy
from assistant.privacy import printed_numbers, same_number

_OFTEN = 3  # messages written for the policy with a word: an everyday word
_SMALL = 12  # a number up to which counts say nothing of a person
_RUN = 4  # numbers or number words in a row: somebody's number
_TOKEN = re.compile(r"[^\W_][\w'’-]+")
_STARTS = re.compile(r"(?:^|[.!?¿¡:\n…])\W*$")
_CHUNK = re.compile(r"\S+")
_CORE = re.compile(r"[^\W_](?:.*[^\W_])?|_+", re.DOTALL)
_PHONE = re.compile(r"[\d().-]+")
_DATE_LIKE = re.compile(r"\d[/.:_x]\d")
_NUMBER = re.compile(r"(?<![\w-])\d{1,4}(?![\w-]|\.\d)|\d{1,4}(?=[–-]\d{1,4}(?![\d-]))|(?<=\d[–-])\d{1,4}(?![\d-])")


class Echo:
    """Leaves out of a text what may not be said back. Built once for a corpus and its policy.

    `counts` says in how many of the messages written for the policy each folded word stands.
    """

    def __init__(
        self, corpus: Corpus, policy: Policy, counts: Mapping[str, int], phones: Iterable[str] = ()
    ) -> None:
        lists = policy.privacy
        texts = [p.text for p in corpus.passages.values()]
        self.printed = tuple(dict.fromkeys((*phones, *printed_numbers(texts))))
        self._own = frozenset((*corpus_vocabulary(corpus), *map(fold, self.printed)))
        self._capitals = self._own | frozenset(lists["capitals"])
        often = frozenset(word for word, count in counts.items() if count >= _OFTEN)
        asked = Counter(word for v in corpus.variants for word in set(_words(v.question)))
        often |= {word for word, count in asked.items() if count >= _OFTEN}
        often |= _of_our_own(corpus, policy)
        names, also = (frozenset(map(fold, policy.names[n])) for n in ("names", "also_words"))
        self._known = self._capitals | ((common_words() | often) - names - (also - often))
        self._also = (also - frozenset(policy.names["never"])) | {fold(m) for m in lists["months"]}
        self._kin, self._months = frozenset(map(fold, lists["kin"])), frozenset(lists["months"])
        self._numbers = frozenset(n for text in texts for n in _NUMBER.findall(text))
        self._units = frozenset(lists["units"])
        self._digits = frozenset(lists["digits"])
        self._addresses = frozenset(
            address
            for text in texts for chunk in text.split() if "/" in chunk or "@" in chunk
            for address in (chunk.strip(".,;()"), chunk.strip(".,;()").partition("doi.org/")[2])
        )  # fmt: skip

    def names(self, texts: Iterable[str]) -> frozenset[str]:
        """Folded words of `texts` written like a name or code that the article does not print."""
        found = set()
        for text in texts:
            for match in _TOKEN.finditer(text):
                word = fold(match[0]).removesuffix("'s").strip("'-")
                coded = any(c.isdigit() for c in match[0]) and any(c.isupper() for c in match[0])
                if not (match[0][0].isupper() or coded) or self._is_own(word):
                    continue
                begins = _STARTS.search(text[: match.start()]) is not None
                if coded or not ((begins or match[0].isupper()) and word in self._known):
                    found.add(word)
        return frozenset(found)

    def of(self, text: str, names: frozenset[str] = frozenset()) -> str:
        """`text` with "…" for what may not be said back; `names` are left out wherever they stand."""
        chunks = list(_CHUNK.finditer(text))
        gone = self._runs([chunk[0] for chunk in chunks])
        cores = [_core(chunk[0]) for chunk in chunks]
        for n, chunk in enumerate(chunks):
            gone[n] = gone[n] or not self._may_stay(chunk[0], names) or self._placed(cores, n)
        for order in (range(1, len(chunks)), range(len(chunks) - 2, -1, -1)):
            for n in order:
                beside = n - 1 if order.step > 0 else n + 1
                gone[n] = gone[n] or (gone[beside] and cores[n] in self._also)
        parts, end = [], 0
        for chunk, out in zip(chunks, gone, strict=True):
            said = _CORE.sub("…", chunk[0], count=1) if out else chunk[0]
            parts += [text[end : chunk.start()], said]
            end = chunk.end()
        return re.sub(r"…(?:[\s,]*…)+", "…", "".join((*parts, text[end:])))

    def _is_own(self, word: str) -> bool:
        parts = word.split("-")
        return len(word) < 2 or word in self._capitals or all(part in self._capitals for part in parts)

    def _may_stay(self, chunk: str, names: frozenset[str]) -> bool:
        match = _CORE.search(chunk)
        if match is None:
            return True
        core = match[0]
        if core in self._addresses or self._is_printed(core):
            return True
        if "@" in chunk or "_" in core or _DATE_LIKE.search(core):
            return False
        return all(self._is_known(part, names) for part in re.split(r"[^\w'’]+", core) if part)

    def _is_printed(self, core: str) -> bool:
        digits = re.sub(r"\D", "", core)
        return core in self.printed or (
            _PHONE.fullmatch(core) is not None
            and any(same_number(re.sub(r"\D", "", number), digits) for number in self.printed)
        )

    def _is_known(self, part: str, names: frozenset[str]) -> bool:
        word = fold(part).removesuffix("'s").strip("'")
        if word in names:
            return False
        if word.isdigit():
            return int(word) <= _SMALL or word in self._numbers
        if word[:1].isdigit():
            digits = re.match(r"\d+", word)
            assert digits is not None
            rest = word[digits.end() :]
            return rest in self._units and self._is_known(digits[0], names)
        return len(word) < 2 or word in self._known or all(
            piece in self._known or len(piece) < 2 for piece in word.split("'")
        )  # fmt: skip

    def _placed(self, cores: list[str], n: int) -> bool:
        """Whether a word that may be a name follows one that names people, or a month a day."""
        before = cores[n - 1] if n else ""
        after = cores[n + 1] if n + 1 < len(cores) else ""
        if cores[n] in self._months and (before[:1].isdigit() or after[:1].isdigit()):
            return True
        if cores[n][:1].isdigit() and {before, after} & self._months:
            return True
        return cores[n] in self._also and before in self._kin

    def _runs(self, chunks: list[str]) -> list[bool]:
        """Which chunks belong to numbers and number words in a row, signs between them or not."""
        gone = [False] * len(chunks)
        run: list[int] = []
        length = 0
        for n, chunk in enumerate([*chunks, "end"]):
            parts = re.findall(r"[^\W_]+", fold(chunk))
            if not all(part.isdigit() or part in self._digits for part in parts):
                for place in run if length >= _RUN else ():
                    gone[place] = True
                run, length = [], 0
            else:
                run.append(n)
                length += len(parts)
        return gone


def _core(chunk: str) -> str:
    match = _CORE.search(chunk)
    return fold(match[0]).removesuffix("'s") if match else ""


def _of_our_own(corpus: Corpus, policy: Policy) -> frozenset[str]:
    """Words of the notices and of the forms in which a follow-up is written out."""
    forms = (corpus.path / "question_forms.json").read_text(encoding="utf-8")
    notices = (str(text) for entry in policy.notices.values() for text in entry.values())
    return frozenset(word for text in (forms, *notices) for word in _words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", fold(text))
