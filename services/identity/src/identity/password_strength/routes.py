"""`/v1/password-strength/`."""

from chassis.arguments import JSONBody, Process
from contracts.permissions import PUBLIC
from jsonapi import post

from identity.parts import parts_of
from identity.password_strength.schemas import PasswordStrength, Pwned, Strength, StrengthAnswer
from identity.passwords import leaks
from identity.passwords.policy import LABELS, strength
from identity.throttling.budgets import STRENGTH_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand


@post("/v1/password-strength", operation_id="passwordStrength", permission=PUBLIC, secret_answer=True)
async def password_strength(runtime: Process, request: AnyRequest, data: JSONBody[PasswordStrength]) -> StrengthAnswer:
    """Say how strong a password is, and with `check-pwned` how often it stands in known leaks.

    `times` is -1 with a message where that was not asked for, is not configured or cannot be told now. The password
    leaves the platform in no form: a service is asked for all hashes that begin like its SHA-1 (k-anonymity).
    """
    await demand(runtime, (STRENGTH_ADDRESS, address_prefix(request)))
    value, suggestions = await strength(data.password)
    source = parts_of(runtime).settings.leaked_passwords
    times, told = await leaks.times(runtime, source, data.password) if data.check_pwned else (-1, "Not asked for.")
    return StrengthAnswer(Strength(LABELS[value], value), suggestions, Pwned(told, times))


ROUTES = [password_strength]
