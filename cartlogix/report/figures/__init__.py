"""One file per family of figures: pure functions from report data to plotly figures."""
