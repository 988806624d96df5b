"""One frozen, documented configuration, read once at start.

Precedence: command line > environment (`COUNTERSPAM_NAME`) > file (`COUNTERSPAM_CONFIG` or ./counterspam.toml) > default.
A secret may stand in a file of its own, named by `COUNTERSPAM_NAME_FILE`.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from counterspam.errors import ConfigError

MB = 1024 * 1024


class Config(BaseSettings):
    """Every setting of a node."""

    model_config = SettingsConfigDict(env_prefix="COUNTERSPAM_", frozen=True, extra="forbid")

    node: str = Field(
        "node", pattern=r"^[a-z0-9-]{1,32}$", description="Name of this node; unique among nodes that share stores."
    )
    jurisdiction: str = Field(
        "",
        pattern=r"^([A-Z]{2})?$",
        description="Country (ISO 3166 alpha-2) that this node serves; evidence that names none gets it.",
    )
    data: Path = Field(Path("data"), description="Folder of everything the node keeps on its own disk.")
    host: str = Field(
        "127.0.0.1", description="Address that the web server listens on; loopback unless you say otherwise."
    )
    port: int = Field(8052, ge=1, le=65535, description="Port that the web server listens on.")
    public_url: str = Field(
        "", description="Address under which others see this node, for links; default http://HOST:PORT."
    )
    open_access: bool = Field(
        False, description="Let anyone on a loopback address use everything without a key (demonstration)."
    )
    rate_per_minute: int = Field(
        120, ge=0, le=100_000, description="Questions to the public statistics per minute and caller; 0 is no limit."
    )
    trusted_proxies: tuple[str, ...] = Field(
        (), description="Addresses or networks (CIDR) of own proxies, whose X-Forwarded-For says who the caller is."
    )
    events: str = Field(
        "", description="Event store: chdb:///PATH (default: inside `data`) or clickhouse://USER@HOST:PORT/DATABASE."
    )
    records: str = Field(
        "", description="Record store: an SQLAlchemy URL; default SQLite inside `data`, or postgresql+psycopg://..."
    )
    blobs: str = Field("", description="Raw evidence: file:///PATH (default: inside `data`) or s3://BUCKET/PREFIX.")
    keep_raw_days: int = Field(90, ge=0, description="Days that raw evidence is kept; 0 keeps none.")
    keep_events_days: int = Field(1830, ge=1, description="Days that single events are kept; totals stay.")
    workers: int = Field(2, ge=1, le=64, description="Processes that decode, check and locate.")
    batch_seconds: float = Field(
        0.7, gt=0, le=10, description="Longest time that accepted evidence waits before it is worked on."
    )
    batch_mb: int = Field(8, ge=1, le=64, description="Most megabytes of raw evidence in one batch.")
    backlog_mb: int = Field(
        512, ge=8, description="Megabytes waiting in the spool at which intake answers 'try again later'."
    )
    max_item_mb: int = Field(32, ge=1, le=256, description="Largest single raw item, in megabytes.")
    memory_mb: int = Field(450, ge=200, description="Memory that the embedded event store may use, in megabytes.")
    spam_threshold: float = Field(0.5, gt=0, lt=1, description="Probability from which evidence counts as spam.")
    ocr: bool = Field(
        False,
        description="Read the text in pictures of mail with the program tesseract; takes a second or so per picture.",
    )
    ocr_languages: str = Field(
        "eng",
        pattern=r"^[A-Za-z_+]{1,60}$",
        description="Languages that tesseract reads, as it names them: eng+fra+rus.",
    )
    trusted_hosts: tuple[str, ...] = Field(
        (), description="Names or networks (CIDR) of own mail relays, whose Received lines are believed."
    )
    mmdb_country: Path | None = Field(
        None, description="MMDB file (country or city) that replaces the bundled country table."
    )
    mmdb_asn: Path | None = Field(None, description="MMDB file (ASN) that replaces the bundled network table.")
    model: Path | None = Field(
        None, description="Folder of a model trained with `counterspam train`; default the shipped one."
    )
    allow_list: Path | None = Field(
        None, description="File of senders, domains, numbers and addresses never counted as spam, one per line."
    )
    block_list: Path | None = Field(
        None, description="File of senders, domains, numbers and addresses known for spam, one per line."
    )
    populations: Path | None = Field(
        None, description="CSV of own reference populations, which come before the shipped ones (docs/populations.md)."
    )
    indicators: Path | None = Field(
        None, description="CSV of surveys, reporting rates and other figures from outside (docs/populations.md)."
    )
    drop: Path | None = Field(
        None, description="Folder that is watched: files put there are taken in, then moved to its `done` folder."
    )
    smtp_host: str = Field("127.0.0.1", description="Address that the SMTP receiver listens on.")
    smtp_port: int = Field(0, ge=0, le=65535, description="Port of the SMTP receiver; 0 switches it off.")
    smtp_traps: tuple[str, ...] = Field((), description="Addresses or @domains that are spam traps.")
    smtp_desks: tuple[str, ...] = Field(
        (), description="Addresses or @domains that receive reports (abuse desk, DMARC rua, feedback loops)."
    )
    imap_host: str = Field("", description="IMAP server to read reports from; empty switches it off.")
    imap_port: int = Field(993, ge=1, le=65535, description="Port of the IMAP server.")
    imap_tls: bool = Field(True, description="Speak TLS to the IMAP server from the first byte.")
    imap_user: str = Field("", description="Account on the IMAP server.")
    imap_password: str = Field(
        "", repr=False, description="Password of that account.", json_schema_extra={"secret": True}
    )
    imap_folder: str = Field("INBOX", description="Folder to read.")
    imap_done: str = Field(
        "", description="Folder that messages are moved to once stored; empty marks them \\Seen instead."
    )
    imap_seconds: int = Field(60, ge=5, description="Seconds between two looks at the IMAP folder.")
    imap_source: str = Field(
        "user-report", description="Source kind of what arrives by IMAP (user-report, trap, filter, ...)."
    )

    milter_host: str = Field("127.0.0.1", description="Loopback address that the milter listens on.")
    milter_port: int = Field(0, ge=0, le=65535, description="Port of the milter (docs/gateway.md); 0 switches it off.")
    milter_socket: Path | None = Field(None, description="Unix socket of the milter, instead of a port.")
    spamd_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Loopback port that answers like SpamAssassin's spamd, for Exim and spamc; 0: none.",
    )
    gateway_action: Literal["tag", "reject", "quarantine"] = Field(
        "tag", description="What mail servers are asked to do with spam, beside verdict headers (docs/gateway.md)."
    )
    gateway_certain: float = Field(
        0.95,
        gt=0,
        lt=1,
        description="Probability from which spam is rejected or quarantined, when that is asked for; below it is tagged.",
    )

    oidc_issuer: str = Field(
        "", description="OpenID Connect provider that people may sign in with (docs/accounts.md); empty: none."
    )
    oidc_client_id: str = Field("", description="This node as the provider knows it.")
    oidc_client_secret: str = Field(
        "", repr=False, description="Secret that it gave to this node.", json_schema_extra={"secret": True}
    )
    oidc_name: str = Field("OpenID Connect", max_length=60, description="What the sign-in page calls the provider.")
    oidc_roles_claim: str = Field(
        "",
        max_length=100,
        description="Claim that names roles, which an account then has from each sign-in on; empty: roles are given here.",
    )

    training: Path | None = Field(
        None, description="Folder of own training modules and translations, beside the shipped ones (docs/training.md)."
    )

    learn_hours: int = Field(
        24, ge=0, le=8760, description="Hours between two runs that learn from decisions of analysts; 0: only by hand."
    )
    learn_jurisdictions: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = Field(
        (),
        max_length=64,
        description="Countries with a model of their own, as their definition of spam differs; others share one.",
    )
    learn_from_reporters: bool = Field(
        False, description="Learn from user reports too, as far as decisions show their reporters to be reliable."
    )
    change_minutes: int = Field(
        5,
        ge=0,
        le=60,
        description="Minutes between two looks for changes (surges, new campaigns, ...); 0 switches them off.",
    )
    webhook_urls: tuple[str, ...] = Field(
        (),
        repr=False,
        description="Addresses that are told of each change by a POST of JSON (docs/changes.md).",
        json_schema_extra={"secret": True},
    )
    webhook_secret: str = Field(
        "", repr=False, description="Key that these are signed with (HMAC-SHA256).", json_schema_extra={"secret": True}
    )
    mail_relay_host: str = Field(
        "", description="Mail relay (SMTP) that sends the digest of changes; empty sends none."
    )
    mail_relay_port: int = Field(587, ge=1, le=65535, description="Port of the mail relay.")
    mail_relay_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the relay is spoken to: starttls, tls from the first byte, or none."
    )
    mail_relay_user: str = Field("", description="Account on the mail relay; empty: without signing in.")
    mail_relay_password: str = Field(
        "", repr=False, description="Password of that account.", json_schema_extra={"secret": True}
    )
    digest_from: str = Field("", description="Address that the digest of changes comes from.")
    digest_to: tuple[str, ...] = Field((), description="Addresses that get the digest of changes; none: no digest.")
    digest_hours: int = Field(24, ge=1, le=168, description="Hours between two digests; one without news is not sent.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line, environment, file: in this order."""
        path = Path(os.environ.get("COUNTERSPAM_CONFIG", "counterspam.toml"))
        if "COUNTERSPAM_CONFIG" in os.environ and not path.is_file():
            raise ConfigError(f"COUNTERSPAM_CONFIG names {path}, which is not a file")
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path)

    def events_url(self) -> str:
        """URL of the event store."""
        return self.events or f"chdb://{self.data.resolve() / 'events'}"

    def records_url(self) -> str:
        """URL of the record store."""
        return self.records or f"sqlite:///{self.data.resolve() / 'records.sqlite'}"

    def blobs_url(self) -> str:
        """URL of the raw evidence."""
        return self.blobs or (self.data.resolve() / "blobs").as_uri()

    def site(self) -> str:
        """Address of this node as others see it, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def _secrets() -> dict[str, str]:
    """Settings given as `COUNTERSPAM_NAME_FILE=path`."""
    found = {}
    for name in Config.model_fields:
        path = os.environ.get(f"COUNTERSPAM_{name.upper()}_FILE")
        if path:
            try:
                found[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"COUNTERSPAM_{name.upper()}_FILE: {error}") from error
    return found


def load(**given: Any) -> Config:
    """The configuration, with `given` (from the command line) before everything else; None means not given."""
    try:
        return Config(**{**_secrets(), **{k: v for k, v in given.items() if v is not None}})
    except ValidationError as error:
        lines = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError("setting " + "; ".join(lines)) from error
    except ValueError as error:
        raise ConfigError(f"configuration file: {error}") from error
