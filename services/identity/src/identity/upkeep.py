"""What runs beside the requests: keys are taken in and rotated, what has expired goes."""

import asyncio

from chassis.runtime import Runtime

from identity.anonymous_accesses import commands as anonymous_accesses
from identity.api_keys import commands as api_keys
from identity.codes import commands as codes
from identity.contact_changes import commands as contact_changes
from identity.external_sign_ins import commands as external_sign_ins
from identity.forgot_password import commands as passwords
from identity.message_contents import commands as messages
from identity.onboarding_requests import commands as onboardings
from identity.openid import assertions
from identity.openid import codes as authorization_codes
from identity.openid.authorization import pushing
from identity.openid.devices import codes as device_codes
from identity.openid.interactions import commands as interactions
from identity.openid.signing_out import notices
from identity.passkeys import challenges
from identity.registration_invitations import commands as registrations
from identity.scim_requests import recording as scim_requests
from identity.sessions import commands as sessions
from identity.sessions import families
from identity.sign_up import commands as sign_ups
from identity.signing_keys.commands import load_keys, rotate_when_due
from identity.throttling import commands as throttling
from identity.user_activities import commands as user_activities
from identity.user_checkins import commands as user_checkins

KEYS_EVERY = 30.0
SWEEP_EVERY = 300.0
SWEEPS = (
    codes.SWEEP,
    messages.SWEEP,
    families.SWEEP,
    sessions.SWEEP,
    throttling.SWEEP,
    sign_ups.SWEEP,
    passwords.SWEEP,
    contact_changes.SWEEP,
    user_activities.SWEEP,
    user_checkins.SWEEP,
    onboardings.SWEEP,
    registrations.SWEEP,
    external_sign_ins.SWEEP,
    external_sign_ins.SWEEP_ASSERTIONS,
    interactions.SWEEP,
    pushing.SWEEP,
    authorization_codes.SWEEP,
    device_codes.SWEEP,
    assertions.SWEEP,
    notices.SWEEP,
    api_keys.SWEEP,
    anonymous_accesses.SWEEP,
    challenges.SWEEP,
    scim_requests.SWEEP,
)


async def follow_keys(runtime: Runtime) -> None:
    """In every web process: sign with the key that is current now."""
    while True:
        await asyncio.sleep(KEYS_EVERY)
        await load_keys(runtime)


async def keep_tidy(runtime: Runtime) -> None:
    """In the worker: rotate keys that are due and remove what has expired."""
    while True:
        await rotate_when_due(runtime)
        await sweep(runtime)
        await asyncio.sleep(SWEEP_EVERY)


async def sweep(runtime: Runtime) -> None:
    """Remove what has expired."""
    for statement in SWEEPS:
        async with runtime.sessions.begin() as session:
            await session.execute(statement)
