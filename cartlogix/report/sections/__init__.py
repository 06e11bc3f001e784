"""What the page says beside its figures: the answer, the tables, method and provenance."""
