"""The words that cases, answers and reports share (DESIGN, vocabulary)."""

from __future__ import annotations

SETS = ("tuning", "sealed")
SLICES = [
    "facts",
    "lists",
    "howto",
    "why",
    "comparisons",
    "definitions",
    "references",
    "contact",
    "numbers",
    "catalogue",
    "followups",
    "near_miss",
    "far_miss",
    "individual",
    "contrast",
    "emergencies",
    "crises",
    "lookalikes",
    "mixed",
    "false_premise",
    "injection",
    "privacy",
    "typos",
    "paraphrases",
    "spanish",
    "courtesy",
]
OUTCOMES = [
    "answered",
    "partly_answered",
    "declined",
    "urgent",
    "crisis",
    "not_covered",
    "clarify",
    "courtesy",
]
ANSWERING = frozenset({"answered", "partly_answered"})
ALARMS = frozenset({"urgent", "crisis"})
REFUSALS = frozenset({"declined", "urgent", "crisis"})
QUOTED = frozenset({"verbatim", "trimmed"})  # kinds of support that are the article's own words
LEVELS = ("stop_exercise", "same_day", "emergency_department", "emergency")  # rising
LANGUAGES = ("en", "es")

# What a line of a case file may hold.
LISTS = frozenset({"earlier", "accept", "gold_spans", "forbidden", "references", "tags"})
KEYS = LISTS | frozenset(
    [
        "id",
        "slice",
        "persona",
        "language",
        "question",
        "standalone",
        "outcome",
        "level",
        "facts",
        "pair",
        "family",
        "author",
        "origin",
    ]
)
