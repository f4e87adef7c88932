"""Engine, sessions, models' base, migrations and pages."""
