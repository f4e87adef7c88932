"""The worker role: relay and consumers as a process of their own."""

from orgs.consumers import table

consumers = table
background = ()
