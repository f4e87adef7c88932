"""The ids of persons who are known from events only.

An id follows from the organization and the distinct id that came first, so whoever is first to hear of it makes the
same person: 128 bits of a SHA-256, as a UUID of version 8 (RFC 9562, section 5.8).
"""

from hashlib import sha256
from uuid import UUID


def captured_id(organization_id: UUID, distinct_id: str) -> UUID:
    """The id of the person whom events name `distinct_id`, as long as nothing else is known of them."""
    found = bytearray(sha256(f"{organization_id}:{distinct_id}".encode()).digest()[:16])
    found[6] = found[6] & 0x0F | 0x80
    found[8] = found[8] & 0x3F | 0x80
    return UUID(bytes=bytes(found))


def captured_id_sql(organization_id: str, distinct_id: str) -> str:
    """The same as an SQL expression over two others."""
    hashed = f"sha256(convert_to({organization_id}::text || ':' || {distinct_id}, 'UTF8'))"
    versioned = f"set_byte({hashed}, 6, get_byte({hashed}, 6) & 15 | 128)"
    marked = f"set_byte({versioned}, 8, get_byte({hashed}, 8) & 63 | 128)"
    return f"CAST(encode(substr({marked}, 1, 16), 'hex') AS uuid)"
