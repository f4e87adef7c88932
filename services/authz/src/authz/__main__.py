"""`python -m authz web|worker|migrate`."""

from chassis.process import main

main("authz")
