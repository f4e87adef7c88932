"""What the platform says of a person.

| property | of the profile |
|---|---|
| `email` | its first e-mail address |
| `name`, `first_name`, `last_name`, `username` | as identity or the profile's own name has them |
| `user_id`, `individual_id` | the login and the individual |
| `account_type` | `provider` or `patient` |
| `role` | the highest role |
| `department_ids`, `departments` | ids and names of its departments |
| `timezone` | the person's own, if they chose one |
| `is_active`, `is_in_use`, `has_login` | whether the login may be used, the profile may be used, there is a login |

What a profile has nothing of is not there. Events that are captured cannot write these properties of a person who has
a profile.
"""

OWN = frozenset(
    {
        "email",
        "name",
        "first_name",
        "last_name",
        "username",
        "user_id",
        "individual_id",
        "account_type",
        "role",
        "department_ids",
        "departments",
        "timezone",
        "is_active",
        "is_in_use",
        "has_login",
    }
)
OF_PROFILE = """
jsonb_strip_nulls(jsonb_build_object(
    'email', p.primary_email, 'name', NULLIF(p.name, ''), 'first_name', NULLIF(p.first_name, ''),
    'last_name', NULLIF(p.last_name, ''), 'username', p.username, 'user_id', p.user_id,
    'individual_id', p.individual_id, 'account_type', p.account_type, 'role', p.role,
    'department_ids', p.department_ids,
    'departments', COALESCE((SELECT jsonb_agg(g.name ORDER BY g.name) FROM groups g
                              WHERE g.id = ANY(p.department_ids)), '[]'),
    'timezone', p.timezone, 'is_active', p.is_active, 'is_in_use', p.is_in_use, 'has_login', p.user_id IS NOT NULL))
"""
"""Of a row `p` of profiles."""
DISTINCT_IDS = """
(VALUES (1, p.user_id::text), (2, p.individual_id::text),
        (3, CASE WHEN p.removed_at IS NULL THEN p.primary_email END),
        (4, CASE WHEN p.removed_at IS NULL THEN p.username END)) AS known (rank, distinct_id)
"""
"""What applications know the person of a row `p` of profiles by, from the surest on."""
