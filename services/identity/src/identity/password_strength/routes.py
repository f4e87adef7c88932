"""`/v1/password-strength/`."""

from chassis.arguments import JSONBody, Process
from contracts.permissions import PUBLIC
from jsonapi import post

from identity.password_strength.schemas import PasswordStrength, Pwned, Strength, StrengthAnswer
from identity.passwords.policy import LABELS, strength
from identity.throttling.budgets import STRENGTH_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand


@post("/v1/password-strength", operation_id="passwordStrength", permission=PUBLIC, secret_answer=True)
async def password_strength(runtime: Process, request: AnyRequest, data: JSONBody[PasswordStrength]) -> StrengthAnswer:
    """Say how strong a password is. No service for leaked passwords is configured, so `times` is -1."""
    await demand(runtime, (STRENGTH_ADDRESS, address_prefix(request)))
    value, suggestions = await strength(data.password)
    asked = "No service for leaked passwords is configured." if data.check_pwned else "Not asked for."
    return StrengthAnswer(Strength(LABELS[value], value), suggestions, Pwned(asked, -1))


ROUTES = [password_strength]
