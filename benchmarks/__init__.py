"""Benchmarks: the engine beside a textbook model, and how quickly the command starts."""
