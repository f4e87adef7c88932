"""`python -m orgs web|worker|migrate`."""

from chassis.process import main

main("orgs")
