"""Users and groups of a directory as JSON, made by the database so that filters and orders work on what is answered.

`:base` is the directory's address, `:organization_id` whose it is.
"""

from sqlalchemy import TextClause, text

MOMENT = '\'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\''
CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def _moment(expression: str) -> str:
    return f"to_char({expression} AT TIME ZONE 'UTC', {MOMENT})"


PLACES = """
    SELECT user_id FROM user_organizations WHERE organization_id = :organization_id AND account_type = 'provider'
     UNION
    SELECT user_id FROM scim_users WHERE organization_id = :organization_id
"""
GROUPS_OF_USER = """
    SELECT jsonb_agg(jsonb_build_object('value', g.id, '$ref', :base || '/Groups/' || g.id, 'display', g.display_name,
                                        'type', 'direct') ORDER BY g.id)
      FROM scim_group_members m JOIN scim_groups g ON g.id = m.group_id
     WHERE m.user_id = u.id AND g.organization_id = :organization_id
"""
EMAIL = (
    "CASE WHEN u.email IS NOT NULL THEN jsonb_build_array(jsonb_build_object('value', u.email, 'primary', true)) END"
)

USERS = f"""
    SELECT u.id, NULL AS mark, jsonb_strip_nulls(coalesce(s.attributes, '{{}}') || jsonb_build_object(
               'schemas', CASE WHEN s.attributes ? '{ENTERPRISE}' THEN jsonb_build_array('{CORE_USER}', '{ENTERPRISE}')
                               ELSE jsonb_build_array('{CORE_USER}') END,
               'id', u.id,
               'externalId', s.external_id,
               'userName', u.username,
               'name', nullif(jsonb_strip_nulls(coalesce(s.attributes -> 'name', '{{}}') || jsonb_build_object(
                           'givenName', u.first_name, 'familyName', u.last_name)), '{{}}'),
               'emails', coalesce(s.attributes -> 'emails', {EMAIL}),
               'active', CASE WHEN o.user_id IS NULL OR u.state IN ('disabled', 'registered_disabled', 'archived')
                              THEN false
                              WHEN s.user_id IS NULL THEN true ELSE s.active END,
               'groups', ({GROUPS_OF_USER}),
               'meta', jsonb_build_object(
                   'resourceType', 'User',
                   'location', :base || '/Users/' || u.id,
                   'created', {_moment("coalesce(s.created_at, u.created_at)")},
                   'lastModified', {_moment("greatest(s.updated_at, u.updated_at)")}))) AS document
      FROM ({PLACES}) p
      JOIN users u ON u.id = p.user_id
      LEFT JOIN scim_users s ON s.user_id = u.id AND s.organization_id = :organization_id
      LEFT JOIN user_organizations o ON o.user_id = u.id AND o.organization_id = :organization_id
                                    AND o.account_type = 'provider'
     WHERE s.deleted_at IS NULL AND NOT EXISTS (SELECT FROM service_accounts a WHERE a.id = u.id)
       AND NOT EXISTS (SELECT FROM deletion_requests d WHERE d.user_id = u.id AND d.status <> 'done')
"""  # noqa: S608
"""The users whom an organization's directory sees: its staff, and whom it has told of."""

MEMBERS = """
    SELECT jsonb_agg(jsonb_build_object('value', u.id, '$ref', :base || '/Users/' || u.id, 'type', 'User')
                     ORDER BY u.id)
      FROM scim_group_members m JOIN users u ON u.id = m.user_id
     WHERE m.group_id = g.id
       AND NOT EXISTS (SELECT FROM deletion_requests d WHERE d.user_id = u.id AND d.status <> 'done')
"""


MARK = """
    SELECT md5(string_agg(CAST(m.user_id AS text), ' ' ORDER BY m.user_id)) FROM scim_group_members m
     WHERE m.group_id = g.id
"""


def groups(*, members: bool) -> str:
    """The groups of an organization's directory; without their members where nobody asks for them."""
    return f"""
    SELECT g.id, ({MARK}) AS mark, jsonb_strip_nulls(jsonb_build_object(
               'schemas', jsonb_build_array('{CORE_GROUP}'),
               'id', g.id,
               'externalId', g.external_id,
               'displayName', g.display_name,
               {f"'members', ({MEMBERS})," if members else ""}
               'meta', jsonb_build_object(
                   'resourceType', 'Group',
                   'location', :base || '/Groups/' || g.id,
                   'created', {_moment("g.created_at")},
                   'lastModified', {_moment("g.updated_at")}))) AS document
      FROM scim_groups g WHERE g.organization_id = :organization_id
"""  # noqa: S608


VERSION = """
    'W/"' || md5(((document - 'members') #- '{meta,lastModified}')::text || coalesce(mark, '')) || '"'
"""
"""A weak entity tag of all that a document says, whoever changed it; `mark` stands for members, shown or not."""


def one(source: str) -> TextClause:
    """The document with the id `:id` and its version."""
    return text(f"SELECT document, {VERSION} AS version FROM ({source}) AS found WHERE id = :id")  # noqa: S608
