"""How dynamic cohorts get their members, and keep them: whole calculations, and changes that follow the data."""
