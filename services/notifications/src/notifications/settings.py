"""The service's settings."""

from typing import Literal

from chassis.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`smtp_tls`: auto takes STARTTLS where the server offers it, required refuses to send without it.

    `sms_mail_domain`: texts go by mail to NUMBER@DOMAIN, too; empty only records them.
    """

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 1025
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_tls: Literal["auto", "required", "none"] = "auto"
    smtp_timeout: float = 10.0
    mail_from: str = "Muster <no-reply@muster.localhost>"
    sms_mail_domain: str = ""
    senders: int = 8
