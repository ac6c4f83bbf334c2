"""The answer-quality suite: cases are data, scorers are code, every figure can be traced.

Import order (a module imports only from those above it):
errors, vocabulary, folding, reading, article, validation, cases, answers, wording, policy,
statistics, scorers, selection, generated, records, summary, gate, defects, targets, manifest,
asking, progress, runner, compare, agreement, leaks, coverage, uselog, mutants, charts, views,
report, commands, __main__.

The suite uses only the names that ``assistant/__init__.py`` exports and never borrows the
assistant's own scope or grounding code to judge it.
"""
