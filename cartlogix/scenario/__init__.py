"""A scenario: one fully specified system, read from YAML and frozen."""
