"""Floor 0: errors, units, calendars, distributions and random streams; no imports from above."""
