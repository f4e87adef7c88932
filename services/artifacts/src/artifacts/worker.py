"""What runs beside the requests: events in and out, erasure, sweeping."""

from typing import Any

from chassis import erasure

from artifacts import upkeep
from artifacts.cohorts.calculations import engine
from artifacts.cohorts.imports import worker as imports
from artifacts.consumers import table
from artifacts.erasure import PLAN

consumers = table
background: list[Any] = [erasure.eraser(PLAN), upkeep.sweep, imports.work, *engine.BACKGROUND]
