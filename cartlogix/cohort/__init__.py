"""The patients, drawn before the run."""
