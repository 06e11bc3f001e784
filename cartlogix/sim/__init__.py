"""The discrete-event model: the only door to simpy."""
