"""The library: what cohorts choose from, each with a name and departments (simulations and personas)."""
