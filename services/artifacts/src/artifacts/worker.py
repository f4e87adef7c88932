"""What runs beside the requests: events in and out."""

from typing import Any

from artifacts.consumers import table

consumers = table
background: list[Any] = []
