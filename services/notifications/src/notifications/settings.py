"""The service's settings."""

from typing import Literal

from chassis.settings import ServiceSettings

from notifications.deliveries.quiet_hours import window


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`smtp_tls`: auto takes STARTTLS where the server offers it, required refuses to send without it.

    `dkim_key`: signs mails; an RSA key as PEM, or the 32 bytes of an Ed25519 one as base64. `dkim_selector` names it in
    the DNS below `dkim_domain`, or the domain of `mail_from`.
    `email_per_minute`, `sms_per_minute`: what a provider is given, 0 without a limit; `organization_per_minute` and
    `recipient_per_hour` likewise. Each holds once for messages of accounts and once for what goes to many.
    `quiet_hours`: from when to when, by the clock of who gets them, optional mails and texts wait; empty: never.
    `sms_mail_domain`: texts go by mail to NUMBER@DOMAIN, too; empty only records them.
    `sms_provider`: recording keeps texts in a table; twilio posts them to `sms_url` as `sms_account` with `sms_secret`,
    which also signs the provider's reports.
    `sns_topics`: the topics, separated by commas, whose reports of mails count; `sns_certificate` (PEM) stands in for
    the one that Amazon publishes.
    `webhook_key`: 32 bytes as base64url that seal the keys of organizations' webhooks; empty: there are no webhooks.
    `webhook_senders`: how many webhooks are under way at once.
    """

    sms_provider: Literal["recording", "twilio"] = "recording"
    sms_url: str = "https://api.twilio.com"
    sms_account: str = ""
    sms_secret: str = ""
    sms_from: str = ""
    sns_topics: str = ""
    sns_certificate: str = ""
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 1025
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_tls: Literal["auto", "required", "none"] = "auto"
    smtp_timeout: float = 10.0
    mail_from: str = "Muster <no-reply@muster.localhost>"
    dkim_key: str = ""
    dkim_selector: str = ""
    dkim_domain: str = ""
    sms_mail_domain: str = ""
    senders: int = 8
    email_per_minute: int = 0
    sms_per_minute: int = 0
    organization_per_minute: int = 6000
    recipient_per_hour: int = 60
    quiet_hours: str = "21:00-08:00"
    webhook_key: str = ""
    webhook_senders: int = 32

    def __post_init__(self) -> None:
        """Raises ValueError for quiet hours that cannot be read."""
        window(self.quiet_hours)
