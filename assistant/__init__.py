"""A chat assistant that answers from one article, and proves every sentence that it shows.

The path of a question (chain.py): scope rules first, then the follow-up is made complete, then
sentences are retrieved, written, grounded, numbered and rendered.

Import order, one way: errors, settings, references, markdown, sentences, article, exercises,
corpus, audit, embedding, lexical, records, generations, index, answer, policy_files, rules,
policy, privacy, phrases, language, red_flags, findings, word_model, stacking, scope_encoder, advice,
asides, courtesy, decoding, sections, scope, forms, naming, understanding, pointers, discussed, asking_again,
conversation, readings, picks, conditions, bibliography, mentions, claims, catalogue, reranker,
calibration, retrieval, talk, trees, choosing, suggestions, aspects, wholes, writers, grounding,
receipt, numbering, outcomes, render, chat_model, parts, echo, chain, exam, doctor, sheet, paper,
poses, marks, figures, handout_html, handout_pdf, handout, json_lines, pages.
"""

from __future__ import annotations

from assistant.settings import Settings, silence_libraries

silence_libraries()

from assistant.answer import LEVELS, OUTCOMES, Answer, Question, Ruling, Statement  # noqa: E402
from assistant.chain import Assistant, Steps  # noqa: E402
from assistant.corpus import Corpus, read_corpus  # noqa: E402
from assistant.embedding import MiniLM  # noqa: E402
from assistant.errors import AssistantError  # noqa: E402
from assistant.exercises import Exercise, find_exercises  # noqa: E402
from assistant.grounding import Grounded  # noqa: E402
from assistant.receipt import problems  # noqa: E402
from assistant.render import to_dict, to_html, to_markdown, to_text  # noqa: E402

__all__ = [
    "LEVELS", "OUTCOMES", "Answer", "Assistant", "AssistantError", "Corpus", "Exercise", "Grounded",
    "MiniLM", "Question", "Ruling", "Settings", "Statement", "Steps", "find_exercises", "problems",
    "read_corpus", "to_dict", "to_html", "to_markdown", "to_text",
]  # fmt: skip
