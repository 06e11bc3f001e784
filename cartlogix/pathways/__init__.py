"""Pathways as values: routes compiled from a scenario."""
