"""Figures computed from Traces: pure functions, no model inside."""
