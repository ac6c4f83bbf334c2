"""What may be answered: emergency, crisis, then individual advice, then everything else.

Rules on words win; a small encoder adds what they miss. The whole conversation is ruled, each
earlier message again from its text alone: emergency, emergency department and crisis stay in force
until the person says that they are safe. No index, chat model or network is needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import get_args

from assistant.advice import Splitter, Topics, pieces
from assistant.answer import Level, Notice, Question, Ruling
from assistant.asides import Asides
from assistant.courtesy import Courtesies
from assistant.decoding import revealed
from assistant.findings import Finding, from_rule, stronger
from assistant.lexical import Speller, common_words
from assistant.phrases import tokens
from assistant.policy import Policy
from assistant.red_flags import Alarm, RuleReader
from assistant.scope_encoder import Reading, ScopeEncoder, open_encoder
from assistant.sections import is_long, windows
from assistant.sections import sentences as several

_KNOWN_FROM, _OFTEN = 4, 12  # messages with a word: known, and what an error may stand for
_LONGEST_TIDIED = 400  # characters
_AHEAD = 4  # messages read by the rules at one time
_CALM = 0.1
_CRISIS_FIRST, _CRISIS_SURER = 2.0, 0.25
_SURELY = 0.5  # of a crisis, from which it stands over a rule's alarm
_THRESHOLDS = {
    "urgent": 0.5, "crisis": 0.5, "individual": 0.5, "mixed": 0.4, "part": 0.5, "veto": 0.0,
    "higher": 0.35, "with_rule": 0.1, "either": 0.5, "lasting": 0.0,
    "apart": 0.6,
}  # fmt: skip


class Scope:
    """Rules questions by a policy; safe to call from several threads.

    `counts` says in how many of the policy's messages each word stands.
    """

    def __init__(
        self, policy: Policy, encoder: ScopeEncoder | None, phones: tuple[str, ...] = ()
    ) -> None:
        counts = self.counts = _word_counts(policy)
        known = frozenset(word for word, count in counts.items() if count >= _KNOWN_FROM)
        self._words = known | common_words()
        often = {word: count for word, count in counts.items() if count >= _OFTEN}
        self._speller = Speller((), self._words, often)
        self._policy, self._encoder, self._phones = policy, encoder, phones
        self._flags = RuleReader(policy.red_flags, known)
        self._advice = RuleReader(policy.advice, known)
        self._at = {**_THRESHOLDS, **(encoder.thresholds if encoder else {})}
        self._splitter = Splitter(encoder, self._at["part"], self._is_personal)
        self._topics = Topics(policy)
        self._courtesies = Courtesies(policy.courtesy)
        self._asides = Asides(
            policy.asides, policy.minimisers, lambda part: bool(self._flags.alarms(part))
        )
        self._pool = ThreadPoolExecutor(_AHEAD, thread_name_prefix="rules")

    def plain(self, text: str) -> str:
        """A message with its disguises undone: figures for letters, encodings."""
        return revealed(text, self._words)

    def rule(self, question: Question) -> Ruling:
        """The ruling on a question in its conversation."""
        text = self.plain(question.text)
        if text != question.text:
            question = replace(question, text=text, understood_as=text)
        earlier = self._since_safe(question.earlier)
        settled = self._settles(text)
        ahead = self._pool.submit(self._look, text)
        reading = None if settled else self._in_context(text, earlier)
        ahead.result()
        now = self._alarm(text, () if settled else earlier, reading)
        before = self._in_force(earlier, text, now)
        if before and (now is None or before.rank < now.rank):
            return self._raised(before, question.language, still=True)
        if now:
            return self._raised(now, question.language)
        courtesy = self._courtesies.of(text)
        if courtesy:
            notice = self._policy.notice(f"courtesy_{courtesy}", question.language)
            return Ruling("courtesy", rule=courtesy, words=(text.strip(),), notices=(notice,))
        if not settled and question.asked != text:  # a birth date told does not ask for advice
            reading = self._in_context(question.asked, earlier)
        return self._individual(question, self._after_two(question.asked, earlier, reading))

    def _after_two(
        self, text: str, earlier: Sequence[str], reading: Reading | None
    ) -> Reading | None:
        """The reading after the message before, or the one before that, which asks for more advice."""
        if reading is None or len(earlier) < 2:
            return reading
        return max(reading, self._read(text, earlier[-2:-1]) or reading, key=lambda r: r.individual)

    def _look(self, text: str) -> None:
        """Reads a message by the rules, which remember it, while the encoder computes."""
        self._flags.alarms(self._asides.without(text))
        self._advice.alarms(text)
        self._courtesies.of(text)

    def _settles(self, text: str) -> bool:
        """Whether a message says, in a few words and with no alarm of its own, that one is safe."""
        brief = len(tokens(text)) <= 8 and self._flags.mentions(text, "safe")
        return brief and not self._flags.alarms(text)

    def _since_safe(self, earlier: Sequence[str]) -> Sequence[str]:
        """The earlier messages after the last that settled what came before it."""
        last = max((at for at, turn in enumerate(earlier) if self._settles(turn)), default=-1)
        return earlier[last + 1 :]

    def _in_context(self, text: str, earlier: Sequence[str]) -> Reading | None:
        """The reading of a message after those before it.

        A calm message does not take over an alarm that the one before raised in its own turn;
        alarms that last are kept in force elsewhere.
        """
        reading = self._read(text, earlier[-1:])
        if not earlier or reading is None or _alarming(reading) < self._at["veto"]:
            return reading
        alone = self._read(text, ())
        if alone is None or _alarming(alone) >= _CALM:
            return reading
        told = self._alarm(earlier[-1], (), self._read(earlier[-1], ()))
        return alone if told else reading

    def _read(self, text: str, earlier: Sequence[str]) -> Reading | None:
        """The encoder's reading of a message after those before it."""
        if self._encoder is None:
            return None
        plain = self._asides.without(text)
        whole = self._read_whole(plain, earlier)
        told = whole if _alarming(whole) >= self._at["urgent"] else self._told_apart(plain)
        return told or whole

    def _told_apart(self, text: str) -> Reading | None:
        """The sentence of several that is surely an emergency by itself, though not the whole."""
        parts = several(text)
        if self._encoder is None or not parts:
            return None
        likeliest = max(self._encoder.read_all(parts), key=lambda r: r.urgent)
        return likeliest if likeliest.urgent >= self._at["apart"] else None

    def _calm_apart(self, text: str) -> bool:
        """Whether no sentence of several, read by itself, bears out what a rule found."""
        parts = several(text)
        read = self._encoder.read_all(parts) if self._encoder and parts else []
        return all(_alarming(reading) < self._at["apart"] for reading in read)

    def _read_whole(self, plain: str, earlier: Sequence[str]) -> Reading:
        """The reading of a message as one; the most alarming window of a long one counts."""
        assert self._encoder is not None
        tidy = self._speller.correct(plain)
        if tidy != plain and len(plain) < _LONGEST_TIDIED:
            readings = self._encoder.read_all([plain, tidy], earlier)
            alarming = max(readings, key=lambda r: r.urgent + r.crisis)
            return alarming if _alarming(alarming) >= _CALM else readings[1]
        inputs = [plain] if not is_long(plain) else windows(plain)
        first, *others = [self._encoder.read(i, earlier) for i in inputs[:1]] + (
            self._encoder.read_all(inputs[1:]) if len(inputs) > 1 else []
        )
        if _alarming(first) >= self._at["urgent"]:
            return first
        return max([first, *others], key=lambda r: (r.urgent + r.crisis, r.individual))

    def _alarm(
        self, text: str, earlier: Sequence[str], reading: Reading | None
    ) -> Finding | None:
        text = self._asides.without(text)
        alarms = self._flags.alarms(text)
        if not alarms and earlier:
            new = {a.rule.id for a in self._flags.alarms("", earlier)}
            alarms = [a for a in self._flags.alarms(text, earlier) if a.rule.id not in new]
        if alarms and reading and self._contradicts(alarms[0], reading) and self._calm_apart(text):
            alarms = []
        found = from_rule(alarms[0]) if alarms else None
        if reading is None:
            return found
        read = self._from_encoder(text, reading, bool(alarms))
        if read and read.outcome == "crisis" and reading.crisis >= _SURELY:
            return read if found is None or found.outcome != "crisis" else found
        return stronger(found, read)

    def _contradicts(self, alarm: Alarm, reading: Reading) -> bool:
        """Whether the encoder rules out what a rule found; for a crisis it must be surer."""
        sure = self._at["veto"] * (_CRISIS_SURER if alarm.rule.outcome == "crisis" else 1.0)
        return _alarming(reading) < sure

    def _from_encoder(self, text: str, reading: Reading, ruled: bool) -> Finding | None:
        urgent, crisis = reading.urgent, reading.crisis
        enough = (
            urgent >= self._at["urgent"] or crisis >= self._at["crisis"]
            or urgent + crisis >= self._at["either"]
        )
        if not enough or (ruled and urgent + crisis < self._at["with_rule"]):
            return None
        words = (self._decisive(text),)
        if crisis * _CRISIS_FIRST > urgent:  # its words name 911 too; an alarm's do not name 988
            return Finding("crisis", None, "encoder", words)
        total = 0.0
        levels: tuple[Level, ...] = get_args(Level)
        for level in levels:
            total += reading.of[level]
            if total >= self._at["higher"] * urgent:
                return Finding("urgent", level, "encoder", words)
        return Finding("urgent", levels[-1], "encoder", words)

    def _decisive(self, text: str) -> str:
        """The sentence that weighs most."""
        found: list[str] = re.findall(r"[^.!?\n]+", text)
        parts = [p for p in found if len(tokens(p)) > 1] or [text]
        if self._encoder is None or len(parts) == 1:
            return parts[0].strip()[:120]
        readings = self._encoder.read_all(parts)
        best = max(range(len(parts)), key=lambda i: readings[i].urgent + readings[i].crisis)
        return parts[best].strip()[:120]

    def _in_force(
        self, earlier: Sequence[str], text: str, now: Finding | None
    ) -> Finding | None:
        """The most urgent earlier alarm that nothing has settled since."""
        found: Finding | None = None
        for at, turn in enumerate(earlier):
            reading = self._read(turn, earlier[max(0, at - 1) : at])
            alarm = self._alarm(turn, earlier[:at], reading)
            if alarm and alarm.rule == "encoder" and reading and _alarming(reading) < self._at["lasting"]:
                continue  # too weak a sign to rule later messages too
            if alarm and alarm.lasts and (found is None or alarm.rank <= found.rank):
                found = alarm
            elif alarm is None and self._flags.mentions(turn, "safe"):
                found = None
        return None if now is None and self._flags.mentions(text, "safe") else found

    def _raised(self, found: Finding, language: str, still: bool = False) -> Ruling:
        name = found.notice or (
            f"urgent_{found.level}" if found.outcome == "urgent" else self._crisis(found)
        )
        notices = [self._notice(name, language)]
        if still:
            notices.append(self._notice("urgent_in_force", language))
        return Ruling(
            found.outcome, found.level, found.rule, found.words, tuple(notices)
        )

    def _crisis(self, found: Finding) -> str:
        danger = any(self._flags.finds(w, "now_danger") for w in found.words)
        return "crisis_danger" if danger else "crisis"

    def _notice(self, name: str, language: str) -> Notice:
        joined = " / ".join(self._phones) or "-"
        return self._policy.notice(name, language, phones=joined)

    def _individual(self, question: Question, reading: Reading | None) -> Ruling:
        alarms = self._advice.alarms(question.text, question.earlier[-1:])
        if reading is not None:
            asked = reading.individual >= self._at["individual"] or (
                bool(alarms) and reading.individual >= self._at["with_rule"]
            )
        else:
            asked = bool(alarms)
        if not asked:
            return Ruling("answered")
        words = alarms[0].words if alarms else (self._telling(question.text),)
        rule = alarms[0].rule.id if alarms else "encoder"
        general = None
        if reading is None or reading.of["mixed"] >= self._at["mixed"] * reading.individual:
            general = self._splitter.general(question.text)
        return self._declined(question, rule, words, general)

    def _is_personal(self, text: str) -> bool:
        """Whether a piece asks for permission or a choice, or names a person's condition."""
        return any(self._advice.mentions(text, kind) for kind in ("permit", "condition", "choose"))

    def _telling(self, text: str) -> str:
        parts = [p for p in pieces(text) if len(tokens(p)) > 1] or [text]
        if self._encoder is None or len(parts) == 1:
            return parts[0][:120]
        readings = self._encoder.read_all(parts)
        return parts[max(range(len(parts)), key=lambda i: readings[i].individual)][:120]

    def _declined(
        self, question: Question, rule: str, words: tuple[str, ...], general: str | None
    ) -> Ruling:
        language = question.language
        if general:
            named = self._notice("partly_declined", language)
            return Ruling("partly_answered", None, rule, words, (named,), general=general)
        topic = rule if f"tell_{rule}" in self._policy.notices else "any"
        notices = tuple(
            self._notice(n, language) for n in ("declined", f"tell_{topic}", "declined_contact")
        )
        suggestions = self._topics.suggestions(question.text, language)
        return Ruling("declined", None, rule, words, notices, suggestions)


def _alarming(reading: Reading) -> float:
    return reading.urgent + reading.crisis


def _word_counts(policy: Policy) -> dict[str, int]:
    """In how many of the policy's messages each word stands; rare ones may be misspellings."""
    counts: dict[str, int] = {}
    for example in policy.examples:
        for word in set(tokens(example.text)):
            counts[word] = counts.get(word, 0) + 1
    return counts


__all__ = ["Scope", "open_encoder"]
