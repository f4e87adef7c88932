"""The worker role: the relay, the one writer of base facts, the reader of attributes, and erasures."""

from chassis import erasure

from authz.access_grants.upkeep import sweep_grants
from authz.erasure import PLAN
from authz.follow import write_base_facts
from authz.individual_attributes.following import read_attributes

consumers = erasure.consumers("authz")
background = [write_base_facts, read_attributes, sweep_grants, erasure.eraser(PLAN)]
