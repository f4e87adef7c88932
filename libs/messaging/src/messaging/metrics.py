"""What messaging measures, in Prometheus' default registry."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)

outbox_pending = Gauge("muster_outbox_pending", "Committed events that are not published yet", ["service"])
outbox_oldest_seconds = Gauge("muster_outbox_oldest_seconds", "Age of the oldest unpublished event", ["service"])
relay_active = Gauge("muster_relay_active", "1 in the process whose relay publishes", ["service"])
published = Counter("muster_events_published", "Events acknowledged by the stream", ["service", "result"])
publish_delay = Histogram(
    "muster_event_publish_delay_seconds", "From the row's creation to the stream's answer", ["service"], buckets=SECONDS
)
consumed = Counter("muster_events_consumed", "Messages handled, by result", ["service", "context", "result"])
handling = Histogram("muster_event_handling_seconds", "Time in one message's transaction", ["service"], buckets=SECONDS)
apply_delay = Histogram(
    "muster_event_apply_delay_seconds", "From the event's time to its applied effect", ["service"], buckets=SECONDS
)
lag = Gauge(
    "muster_consumer_lag", "Messages on the stream that the consumer has not been given", ["service", "context"]
)
in_hand = Gauge("muster_consumer_in_hand", "Messages given to this process and not answered", ["service", "context"])
parked = Gauge("muster_parked_events", "Events that wait for an operator or an earlier version", ["service", "reason"])
parked_total = Counter("muster_events_parked", "Events parked so far", ["service", "reason"])
stalls = Counter("muster_consumer_stalls", "Times a reader had to be set up again", ["service", "stream"])
