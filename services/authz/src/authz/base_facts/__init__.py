"""The base facts in authz's database: written by the applier alone, loaded by every process that answers questions."""
