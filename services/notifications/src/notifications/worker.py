"""What runs beside the requests: events in and out, deliveries, and erasures."""

from chassis import erasure

from notifications.consumers import table
from notifications.deliveries.dispatch import dispatch
from notifications.deliveries.figures import watch_queue
from notifications.erasure import PLAN
from notifications.upkeep import keep_tidy
from notifications.webhook_endpoints.deliveries.dispatch import send_webhooks
from notifications.webhook_endpoints.following import follow_events
from notifications.webhook_endpoints.notices import give_notices

consumers = table
background = [dispatch, watch_queue, erasure.eraser(PLAN), keep_tidy, follow_events, send_webhooks, give_notices]
