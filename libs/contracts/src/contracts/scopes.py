"""The scopes that narrow a credential: what an API key or an application may be given, and what each one opens.

A route names the one scope that opens it; what has no scope is closed to narrowed credentials. A scope never gives more
than whoever the credential acts for may do themselves.
"""

SCOPES: dict[str, str] = {
    "activity_log:read": "Read what was done to cohorts and persons.",
    "cohort:read": "Read cohorts, simulations, personas, drafts and files of them.",
    "cohort:write": "Make, change and remove cohorts, simulations and personas.",
    "event:write": "Send events of persons.",
    "group:read": "Read groups, who is in them, and their record.",
    "group:write": "Make, change, move and remove groups, and change who is in them.",
    "individual:read": "Read individuals.",
    "individual:write": "Register and change individuals.",
    "organization:read": "Read the organization and who belongs to it.",
    "person:read": "Read profiles and persons.",
    "person:write": "Make, change and remove profiles and persons.",
    "query:read": "Ask questions of persons and events.",
    "scim": "Provision users and groups from the organization's directory (SCIM 2.0); for administrators' keys.",
    "user_token:write": "Get tokens to act for users of the organization; service accounts that are allowed to.",
    "webhook:read": "Read webhook endpoints and what was sent to them.",
    "webhook:write": "Make, change, test and remove webhook endpoints, and send again.",
}
"""Every scope by its name, with what it opens in a sentence."""
