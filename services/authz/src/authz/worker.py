"""The worker role: the relay, and the one writer of base facts."""

from authz.follow import write_base_facts

consumers = None
background = [write_base_facts]
