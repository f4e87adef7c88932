"""One try at one delivery."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
import structlog
from chassis.runtime import Runtime
from kernel import now

from notifications.channels.channel import Channel, Deferred, Outgoing, Refused
from notifications.channels.composing import LONGEST_SUBJECT, one_line
from notifications.channels.smtp import SmtpChannel
from notifications.communication_preferences import links
from notifications.deliveries import commands, figures
from notifications.deliveries.commands import Claimed, LeaseLost, MailFacts
from notifications.deliveries.contents import Content
from notifications.deliveries.handing_over import HandOvers, Ready
from notifications.deliveries.looking_up import Known, looks, preference, recipient
from notifications.deliveries.texts import texts_of
from notifications.suppressions import commands as suppressions
from notifications.templates.queries import Chosen
from notifications.templates.types import OPTIONAL

log = structlog.get_logger("notifications.deliveries")

NOBODY_THERE = frozenset({"smtp-550", "smtp-551", "smtp-553", "sms-21211", "sms-21610", "sms-21614"})
"""Reasons that speak of the address, and not of the message: RFC 5321, section 4.2.3, and Twilio's codes."""
Channels = Mapping[str, Channel]


class Sending(msgspec.Struct, frozen=True):
    """What sending needs in a process."""

    runtime: Runtime
    channels: Channels
    hand_overs: HandOvers


async def attempt(sending: Sending, claimed: Claimed, known: Known) -> None:
    """Send a claimed delivery, put it off, or give it up. Raises only what is a fault of ours."""
    message: Outgoing | None = None
    channel = sending.channels[claimed.channel]
    try:
        _check_end(claimed.ends_at)
        message = await _outgoing(sending.runtime, claimed, known)
        await _send(sending.hand_overs, channel, claimed, message)
        figures.handed_over(claimed.channel, claimed.type, claimed.created_at)
    except LeaseLost:
        log.info("delivery taken over", delivery_id=str(claimed.id))
    except Deferred as deferred:
        log.info("delivery put off", delivery_id=str(claimed.id), type=claimed.type, reason=deferred.reason)
        figures.count(claimed.channel, claimed.type, "put-off")
        async with sending.runtime.sessions.begin() as session:
            await commands.postpone(session, claimed, deferred.reason)
    except Refused as refused:
        await _give_up(sending, claimed, refused, message)


def _check_end(ends_at: datetime) -> None:
    if now() >= ends_at:
        raise Refused("expired")


async def _outgoing(runtime: Runtime, claimed: Claimed, known: Known) -> Outgoing:
    """The rendered message. Raises Deferred or Refused, as where there is no address or no template fits."""
    content = known.contents[claimed.id]
    if not isinstance(content, Content):
        raise content
    if content.expires_at is not None:
        _check_end(content.expires_at)
    if not (address := recipient(claimed, content)):
        raise Refused("no-address")
    if preference(claimed) in known.unwanted:
        raise Refused("unsubscribed")
    _check_suppressed(claimed, known.suppressed.get((claimed.channel, address)))
    key = looks(claimed, content)
    texts = await texts_of(runtime, claimed, content, known.chosen[key] if key else Chosen())
    return Outgoing(
        delivery_id=claimed.id,
        reference=claimed.message_id,
        recipient=address,
        recipient_name=content.person.name,
        subject=one_line(texts.subject, LONGEST_SUBJECT),
        text=texts.text,
        html=texts.html,
        reply_to=texts.reply_to,
        unsubscribe_url=_unsubscribe_url(runtime, claimed),
    )


def _check_suppressed(claimed: Claimed, reason: str | None) -> None:
    """Who complained still gets what their account's safety needs. Raises Refused."""
    if reason is not None and (reason != "complaint" or claimed.type in OPTIONAL):
        raise Refused("suppressed")


def _unsubscribe_url(runtime: Runtime, claimed: Claimed) -> str:
    """The link that ends this type of mail; empty for what a person has to have."""
    secret = runtime.common.service_secret
    if claimed.type not in OPTIONAL or claimed.user_id is None or not secret:
        return ""
    token = links.token(secret, claimed.user_id, claimed.type, claimed.channel)
    return f"{runtime.common.public_url}/v1/communication-preferences/unsubscribe/{token}"


async def _send(hand_overs: HandOvers, channel: Channel, claimed: Claimed, message: Outgoing) -> None:
    """Everything that can be taken back, and then, with others that are as far, what cannot."""
    facts = _facts(channel, message) if isinstance(channel, SmtpChannel) else None
    async with channel.prepared(message) as last_step:
        await hand_overs.hand_over(Ready(claimed, last_step, facts))


async def _give_up(sending: Sending, claimed: Claimed, refused: Refused, message: Outgoing | None) -> None:
    log.warning("delivery given up", delivery_id=str(claimed.id), type=claimed.type, reason=refused.reason)
    channel = sending.channels.get(claimed.channel)
    outcome = "bounced" if refused.bounced else "failed"
    try:
        async with sending.runtime.sessions.begin() as session:
            await commands.settle(session, claimed, outcome, refused.reason)
            if message is not None and refused.reason in NOBODY_THERE:
                whose = {"organization_id": claimed.organization_id, "delivery_id": claimed.id}
                await suppressions.suppress(session, claimed.channel, message.recipient, "bounce", **whose)
            if refused.bounced and message is not None and isinstance(channel, SmtpChannel):
                await commands.log_mails(session, [(claimed, _facts(channel, message))], bounce=refused.reply)
        figures.count(claimed.channel, claimed.type, outcome)
    except LeaseLost:
        log.info("delivery taken over", delivery_id=str(claimed.id))


def _facts(channel: SmtpChannel, message: Outgoing) -> MailFacts:
    return MailFacts(
        message_id=channel.sender.message_id(message.reference),
        source=channel.sender.address,
        destination=message.recipient,
        subject=message.subject,
    )
