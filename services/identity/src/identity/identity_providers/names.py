"""Names in the DNS: what a domain's owner wrote there, asked of the machine's resolver or of a given one."""

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver
from chassis.runtime import Runtime
from kernel import Unavailable

SECONDS = 3.0
LONGEST_DOMAIN = 253


async def texts(runtime: Runtime, name: str) -> list[str]:
    """The TXT records of a name; none where there is no such name. Raises Unavailable."""
    try:
        found = await _resolver(runtime).resolve(name, dns.rdatatype.TXT, raise_on_no_answer=False, search=False)
    except dns.resolver.NXDOMAIN:
        return []
    except dns.exception.DNSException as error:
        raise Unavailable("The domain name system gives no answer now; try again.", retry_after=30) from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in found.rrset or ()]


def normal(domain: str) -> str | None:
    """A domain as it is compared: lower case, ASCII (RFC 5890), without a last dot. None for what is none."""
    try:
        plain = domain.strip().rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return None
    labels = plain.split(".")
    right = all(label and label.replace("-", "").isalnum() and label.strip("-") == label for label in labels)
    return plain if len(labels) > 1 and right and len(plain) <= LONGEST_DOMAIN else None


def of_address(text: str) -> str | None:
    """The domain of an e-mail address or of a username that looks like one."""
    _, at, domain = text.rpartition("@")
    return normal(domain) if at else None


def _resolver(runtime: Runtime) -> dns.asyncresolver.Resolver:
    servers = [word for word in runtime.settings.dns_servers.split(",") if word]
    resolver = dns.asyncresolver.Resolver(configure=not servers)
    resolver.lifetime = SECONDS
    if servers:
        resolver.nameservers = [word.partition(":")[0] for word in servers]
        resolver.port = int(servers[0].partition(":")[2] or 53)
    return resolver
