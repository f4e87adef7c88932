"""`python -m artifacts web|worker|migrate`."""

from chassis.process import main

main("artifacts")
