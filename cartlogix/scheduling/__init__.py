"""Slot scheduling: a pure problem, rules, solvers, and a referee that trusts none of them."""
