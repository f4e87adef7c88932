"""`python -m notifications web|worker|migrate`."""

from chassis.process import main

main("notifications")
