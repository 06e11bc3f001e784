"""The page that people decide by: the only door to plotly and jinja2."""
