"""Templates: a restricted Jinja2 and the texts of the platform."""
