"""One try at one delivery."""

from collections.abc import Mapping
from datetime import datetime

import structlog
from chassis.runtime import Runtime
from kernel import now
from messaging import failpoints

from notifications.channels.channel import Channel, Deferred, Outgoing, Refused
from notifications.channels.composing import LONGEST_SUBJECT, one_line
from notifications.channels.smtp import SmtpChannel
from notifications.communication_preferences import commands as preferences
from notifications.communication_preferences import links
from notifications.deliveries import commands
from notifications.deliveries.commands import Claimed, LeaseLost, MailFacts
from notifications.deliveries.contents import Content, fetch, fetch_person
from notifications.deliveries.texts import texts_of
from notifications.suppressions import commands as suppressions
from notifications.templates.types import OPTIONAL

log = structlog.get_logger("notifications.deliveries")

NOBODY_THERE = frozenset({"smtp-550", "smtp-551", "smtp-553", "sms-21211", "sms-21610", "sms-21614"})
"""Reasons that speak of the address, and not of the message: RFC 5321, section 4.2.3, and Twilio's codes."""
Channels = Mapping[str, Channel]


async def attempt(runtime: Runtime, channels: Channels, claimed: Claimed) -> None:
    """Send a claimed delivery, put it off, or give it up. Raises only what is a fault of ours."""
    message: Outgoing | None = None
    try:
        _check_end(claimed.ends_at)
        message = await _outgoing(runtime, claimed, await _content(runtime, claimed))
        await _hand_over(runtime, channels[claimed.channel], claimed, message)
    except LeaseLost:
        log.info("delivery taken over", delivery_id=str(claimed.id))
    except Deferred as deferred:
        log.info("delivery put off", delivery_id=str(claimed.id), type=claimed.type, reason=deferred.reason)
        async with runtime.sessions.begin() as session:
            await commands.postpone(session, claimed, deferred.reason)
    except Refused as refused:
        await _give_up(runtime, channels, claimed, refused, message)


async def _content(runtime: Runtime, claimed: Claimed) -> Content:
    if claimed.test:
        return await fetch_person(runtime, claimed.user_id)
    content = await fetch(runtime, claimed.message_id)
    if content.expires_at is not None:
        _check_end(content.expires_at)
    return content


def _check_end(ends_at: datetime) -> None:
    if now() >= ends_at:
        raise Refused("expired")


async def _outgoing(runtime: Runtime, claimed: Claimed, content: Content) -> Outgoing:
    """The rendered message. Raises Refused where there is no address or the template cannot be rendered."""
    person = content.person
    addresses = {"email": person.email, "sms": person.phone, "in-app": claimed.user_id and str(claimed.user_id)}
    if not (recipient := addresses[claimed.channel]):
        raise Refused("no-address")
    await _check_wanted(runtime, claimed)
    await _check_suppressed(runtime, claimed, recipient)
    texts = await texts_of(runtime, claimed, content)
    return Outgoing(
        delivery_id=claimed.id,
        reference=claimed.message_id,
        recipient=recipient,
        recipient_name=person.name,
        subject=one_line(texts.subject, LONGEST_SUBJECT),
        text=texts.text,
        html=texts.html,
        reply_to=texts.reply_to,
        unsubscribe_url=_unsubscribe_url(runtime, claimed),
    )


async def _check_wanted(runtime: Runtime, claimed: Claimed) -> None:
    """What a person need not have, they get as they like. Raises Refused."""
    if claimed.type not in OPTIONAL or claimed.user_id is None or claimed.test:
        return
    async with runtime.reads() as session:
        channel = "web" if claimed.channel == "in-app" else claimed.channel
        if not await preferences.wanted(session, claimed.user_id, claimed.type, channel):
            raise Refused("unsubscribed")


def _unsubscribe_url(runtime: Runtime, claimed: Claimed) -> str:
    """The link that ends this type of mail; empty for what a person has to have."""
    secret = runtime.common.service_secret
    if claimed.type not in OPTIONAL or claimed.user_id is None or not secret:
        return ""
    token = links.token(secret, claimed.user_id, claimed.type, claimed.channel)
    return f"{runtime.common.public_url}/v1/communication-preferences/unsubscribe/{token}"


async def _check_suppressed(runtime: Runtime, claimed: Claimed, recipient: str) -> None:
    """Who complained still gets what their account's safety needs. Raises Refused."""
    async with runtime.reads() as session:
        reason = await suppressions.reason_for(session, claimed.channel, recipient)
    if reason is not None and (reason != "complaint" or claimed.type in OPTIONAL):
        raise Refused("suppressed")


async def _hand_over(runtime: Runtime, channel: Channel, claimed: Claimed, message: Outgoing) -> None:
    """Everything is written before the last step, and only the COMMIT comes after it.

    The row stays locked meanwhile, so no other worker can take it over however slow the server is. A process that
    dies between the server's answer and the COMMIT leaves the delivery pending: it is sent again with the same
    Message-ID. A COMMIT before the last step would lose the message instead.
    """
    async with channel.prepared(message) as last_step, runtime.sessions.begin() as session:
        await commands.settle(session, claimed, "sent")
        if isinstance(channel, SmtpChannel):
            await commands.log_mail(session, claimed, _facts(channel, message))
        await last_step()
        failpoints.hit("deliveries.after_hand_over")


async def _give_up(
    runtime: Runtime, channels: Channels, claimed: Claimed, refused: Refused, message: Outgoing | None
) -> None:
    log.warning("delivery given up", delivery_id=str(claimed.id), type=claimed.type, reason=refused.reason)
    channel = channels.get(claimed.channel)
    try:
        async with runtime.sessions.begin() as session:
            await commands.settle(session, claimed, "bounced" if refused.bounced else "failed", refused.reason)
            if message is not None and refused.reason in NOBODY_THERE:
                whose = {"organization_id": claimed.organization_id, "delivery_id": claimed.id}
                await suppressions.suppress(session, claimed.channel, message.recipient, "bounce", **whose)
            if refused.bounced and message is not None and isinstance(channel, SmtpChannel):
                await commands.log_mail(session, claimed, _facts(channel, message), bounce=refused.reply)
    except LeaseLost:
        log.info("delivery taken over", delivery_id=str(claimed.id))


def _facts(channel: SmtpChannel, message: Outgoing) -> MailFacts:
    return MailFacts(
        message_id=channel.sender.message_id(message.reference),
        source=channel.sender.address,
        destination=message.recipient,
        subject=message.subject,
    )
