"""What every service stands on: errors, principals, permissions, idempotency, telemetry, health.

Handlers name their arguments' types from `chassis.arguments`: `session: Session`, `principal: Caller` (or `Visitor`
on a public route), `parameters: Parameters[SomeQuery]`, `runtime: Process`.
"""
