"""The texts of a delivery: the organization's, else its theme's, else the platform's."""

import structlog
from chassis.runtime import Runtime
from sqlalchemy import select

from notifications.channels.channel import Refused
from notifications.deliveries.commands import Claimed
from notifications.deliveries.contents import Content
from notifications.templates import platform_texts, queries, rendering
from notifications.templates.models import TemplateVersion
from notifications.templates.platform_texts import Rendered
from notifications.templates.queries import Chosen
from notifications.templates.restricted import TemplateProblem

log = structlog.get_logger("notifications.texts")


async def texts_of(runtime: Runtime, claimed: Claimed, content: Content, chosen: Chosen) -> Rendered:
    """Render a delivery. Raises Refused where no template can be rendered with what the message has."""
    try:
        if claimed.test:
            return await _test(runtime, claimed)
        variables = {"organization": chosen.organization, **content.names}
        if (own := _own(claimed, chosen, variables)) is not None:
            return own
        render = platform_texts.sms if claimed.channel == "sms" else platform_texts.email
        return render(claimed.type, content.locale or platform_texts.DEFAULT_LOCALE, variables)
    except TemplateProblem as problem:
        log.error("template failed", delivery_id=str(claimed.id), type=claimed.type, problem=str(problem))  # noqa: TRY400 the trace would hold values
        raise Refused("template") from None


def _own(claimed: Claimed, chosen: Chosen, variables: dict[str, str]) -> Rendered | None:
    """What the organization or theme wrote, if it can be rendered; it was checked when it was saved."""
    try:
        if claimed.channel == "sms":
            return rendering.sms(chosen.txt, variables) if chosen.txt else None
        return rendering.email(chosen.html, chosen.txt, variables) if chosen.html or chosen.txt else None
    except TemplateProblem as problem:
        log.warning("own template failed", delivery_id=str(claimed.id), type=claimed.type, problem=str(problem))
        return None


async def _test(runtime: Runtime, claimed: Claimed) -> Rendered:
    """The version that was current when the test was asked for, with sample data."""
    wanted = (TemplateVersion.template_id == claimed.template_id, TemplateVersion.version == claimed.template_version)
    async with runtime.reads() as session:
        row = await session.scalar(select(TemplateVersion).where(*wanted))
    if row is None:
        raise Refused("template-gone")
    written = queries.content(row)
    return rendering.render(written, claimed.channel, rendering.sample(written))
