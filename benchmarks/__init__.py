"""Benchmarks: how fast the engine is beside the textbook way, and how quickly the command starts."""
