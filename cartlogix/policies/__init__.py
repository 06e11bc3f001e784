"""Rules that decide: who is served next, when lots are ordered."""
