"""A planner's slot board: its file, the problem it poses, its plan as rows, and what may happen."""
