"""What was found in one message: an alarm's outcome and level, by a rule or by the encoder."""

from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.answer import LEVELS, Level, Outcome
from assistant.red_flags import Alarm

IN_FORCE = ("emergency", "emergency_department")


@dataclass(frozen=True)
class Finding:
    """What was found in one message: an alarm's outcome and level, or none."""

    outcome: Outcome
    level: Level | None
    rule: str
    words: tuple[str, ...]
    notice: str | None = None

    @property
    def rank(self) -> int:
        """0 for an emergency, 1 for a crisis, then the lower levels."""
        if self.outcome == "crisis":
            return 1
        return 0 if self.level == "emergency" else 1 + LEVELS.index(self.level or "same_day")

    @property
    def lasts(self) -> bool:
        return self.outcome == "crisis" or self.level in IN_FORCE


def from_rule(alarm: Alarm) -> Finding:
    """A rule's alarm as a finding."""
    rule = alarm.rule
    return Finding(rule.outcome, rule.level, rule.id, alarm.words, rule.notice)


def stronger(rule: Finding | None, encoder: Finding | None) -> Finding | None:
    """The higher of the two; the rule's name and words stand where both agree."""
    if rule is None or encoder is None:
        return rule or encoder
    if encoder.rank >= rule.rank or rule.notice:
        return rule
    if encoder.outcome == rule.outcome:
        return replace(rule, level=encoder.level)
    return encoder
