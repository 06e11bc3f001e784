"""Replications, processes and the results folder."""
