"""What runs beside the requests: events in and out, and deliveries."""

from notifications.consumers import table
from notifications.deliveries.dispatch import dispatch

consumers = table
background = [dispatch]
