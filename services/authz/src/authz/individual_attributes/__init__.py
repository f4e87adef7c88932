"""What authz-individuals filters by: a copy of what orgs knows of individuals."""
