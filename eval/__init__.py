"""The answer-quality suite: cases are data, scorers are code, every figure can be traced.

Import order (a module imports only from those above it):
errors, vocabulary, folding, article, validation, cases, answers, statistics, scorers, selection, generated, records,
summary, gate, targets, runner, compare, agreement, leaks, mutants, charts, report, __main__.

The suite uses only the names that ``assistant/__init__.py`` exports and never borrows the
assistant's own scope or grounding code to judge it.
"""
