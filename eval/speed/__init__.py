"""Benchmarks, reported as ratios of two things measured in one run (`python -m eval.speed`)."""
