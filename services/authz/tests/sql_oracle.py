"""The rules once more, in SQL over the tables: a recursive walk of the forest and one branch a rule.

It reads what the applier wrote and the tables of roles and grants, and gives every triple of user, thing and operation
that is allowed, without a condition or with it.
"""

from permission_oracle import CONDITIONS

ALLOWED = """
WITH RECURSIVE person AS (
    SELECT id FROM unnest($1::uuid[]) AS asked (id)
    WHERE NOT EXISTS (SELECT FROM users WHERE users.id = asked.id AND disabled)
), forest AS (
    SELECT id, organization_id, parent_id FROM groups WHERE NOT gone AND organization_id IS NOT NULL
), walk AS (
    SELECT id AS inner_id, id AS outer_id, parent_id, 1 AS depth FROM forest
    UNION ALL
    SELECT inner_id, forest.id, forest.parent_id, depth + 1
    FROM walk JOIN forest ON forest.id = walk.parent_id WHERE depth < 16
), up AS (
    SELECT inner_id, outer_id FROM walk
    WHERE inner_id IN (SELECT inner_id FROM walk WHERE parent_id IS NULL)
), staff AS (
    SELECT person_id AS user_id, inner_id AS group_id FROM group_people JOIN up ON outer_id = group_id
    WHERE kind = 'leader'
), plain AS (
    SELECT person_id AS user_id, group_id FROM group_people JOIN up ON inner_id = group_id AND outer_id = group_id
    WHERE kind = 'member'
), inside AS (
    SELECT individuals.user_id, up.outer_id AS group_id
    FROM individuals JOIN group_people ON kind = 'individual' AND person_id = individuals.id
    JOIN up ON inner_id = group_id WHERE individuals.user_id IS NOT NULL
), had AS (
    SELECT user_id, role_id, name, organization_id FROM role_users JOIN roles ON roles.id = role_id
), place AS (
    SELECT id FROM organizations WHERE known
), held AS (
    SELECT person_id AS individual_id, group_id FROM group_people WHERE kind = 'individual'
), allowed AS (
    SELECT user_id, 'organization' AS kind, organization_id::text AS thing, 'read' AS operation FROM organization_staff
    UNION SELECT user_id, 'organization', organization_id::text, 'read' FROM had
    UNION SELECT user_id, 'organization', place.id::text, 'read' FROM had, place WHERE had.organization_id IS NULL
    UNION SELECT person_id, 'organization', organization_id::text, 'read'
          FROM group_people JOIN forest ON id = group_id WHERE kind = 'leader'
    UNION SELECT user_id, 'organization', organization_id::text, 'write' FROM had WHERE name = 'org.admin'
    UNION SELECT user_id, 'group', group_id::text, operation FROM staff, (VALUES ('read'), ('write')) o (operation)
    UNION SELECT user_id, 'group', group_id::text, 'read' FROM plain
    UNION SELECT user_id, 'group', forest.id::text, operation
          FROM had JOIN forest USING (organization_id), (VALUES ('read'), ('write')) o (operation)
          WHERE name = 'org.admin'
    UNION SELECT user_id, 'group', group_id::text, 'contain' FROM inside
    UNION SELECT who, 'individual', id::text, operation
          FROM individuals, unnest(ARRAY[owner_id, user_id]) who, (VALUES ('read'), ('write')) o (operation)
    UNION SELECT had.user_id, 'individual', id::text, operation
          FROM individuals JOIN had USING (organization_id), (VALUES ('read'), ('write')) o (operation)
          WHERE owner_id IS NULL AND name = 'org.admin'
    UNION SELECT user_id, 'individual', individual_id::text, operation
          FROM staff JOIN held USING (group_id), (VALUES ('read'), ('write')) o (operation)
    UNION SELECT user_id, 'individual', individual_id::text, 'read' FROM plain JOIN held USING (group_id)
), subject AS (
    SELECT 'user' AS kind, id AS subject_id, id AS user_id FROM person
    UNION SELECT 'role', role_id, user_id FROM had
    UNION SELECT 'group', group_id, user_id FROM plain
    UNION SELECT 'group', group_id, person_id FROM group_people JOIN up ON inner_id = group_id WHERE kind = 'leader'
    UNION SELECT 'participants', group_id, user_id FROM inside
), known AS (
    SELECT 'organization' AS kind, id::text AS thing FROM place
    UNION SELECT 'group', id::text FROM forest
    UNION SELECT 'individual', id::text FROM individuals
)
SELECT user_id, kind, thing, operation, NULL AS condition FROM allowed JOIN known USING (kind, thing)
WHERE user_id IN (SELECT id FROM person)
UNION
SELECT user_id, resource_type, resource_id, operation, condition
FROM access_grants JOIN subject ON subject.kind = subject_type AND subject.subject_id = access_grants.subject_id
WHERE user_id IN (SELECT id FROM person) AND (expires_at IS NULL OR expires_at > now())
  AND (resource_type LIKE 'app.%' OR (resource_type, resource_id) IN (SELECT kind, thing FROM known))
"""


async def allowed_by_sql(connection, users):
    """Every `(user, kind, thing, operation)` that is allowed; conditions are worked out by hand."""
    rows = await connection.fetch(ALLOWED, users)
    return {tuple(row)[:4] for row in rows if CONDITIONS[row["condition"]](row["user_id"])}
