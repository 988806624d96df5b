"""What fields, values, provisions and reasons of the repository are called; every value has a name here (a test)."""

from collections.abc import Mapping

from counterspam.policy.repository.fields import Kind
from counterspam.web.format import country, label, locale
from counterspam.web.labels import UNKNOWN
from counterspam.web.language import current, gettext, mark

FIELDS = {
    "id": mark("Id"),
    "jurisdiction": mark("Jurisdiction"),
    "country": mark("Country"),
    "itu_region": mark("ITU region"),
    "title": mark("Title"),
    "title_original": mark("Original title"),
    "year_enacted": mark("Year of enactment"),
    "year_last_amended": mark("Year of the last amendment"),
    "status": mark("Status"),
    "authority": mark("Authority"),
    "channels": mark("Channels"),
    "consent_model": mark("Consent"),
    "consent_exceptions": mark("Exceptions from consent"),
    "bulk_threshold": mark("Thresholds and caps"),
    "sender_identification_required": mark("The sender must be named"),
    "unsubscribe.required": mark("A way to refuse must be offered"),
    "unsubscribe.time_limit_days": mark("Days to act on a refusal"),
    "unsubscribe.day_type": mark("How these days count"),
    "labelling.required": mark("Messages must bear a label"),
    "labelling.label": mark("The label"),
    "address_harvesting_banned": mark("Harvesting of addresses is banned"),
    "dictionary_attack_banned": mark("Guessing of addresses is banned"),
    "do_not_contact_registry": mark("List of those not to be contacted"),
    "private_right_of_action": mark("Recipients or providers may sue"),
    "max_penalty": mark("Highest penalty seen"),
    "max_penalty.amount": mark("Highest penalty: amount"),
    "max_penalty.amount_kind": mark("Highest penalty: measured in"),
    "max_penalty.currency": mark("Highest penalty: currency"),
    "max_penalty.unit": mark("Highest penalty: for each"),
    "max_penalty.note": mark("Highest penalty: note"),
    "criminal_sanctions": mark("Criminal sanctions"),
    "administrative_sanctions": mark("Administrative sanctions"),
    "civil_sanctions": mark("Civil sanctions"),
    "cross_border.extraterritorial_reach": mark("Reaches senders abroad"),
    "cross_border.cooperation_provision": mark("Provides for cooperation with other countries"),
    "complaint_channels": mark("Where to complain"),
    "sending_hours": mark("Hours of sending"),
    "definition_note": mark("What counts as spam there"),
    "official_url": mark("Official text"),
    "consent_by_channel": mark("Consent by channel"),
    "consent_natural_persons": mark("Consent of natural persons"),
    "consent_legal_persons": mark("Consent of legal persons"),
    "definition_elements": mark("Elements of the definition"),
    "misleading_content_banned": mark("Misleading content is banned"),
    "false_routing_banned": mark("Forged routing is banned"),
    "third_party_liability": mark("Those who help are liable"),
    "provider_duties": mark("Providers have duties"),
    "provider_immunity": mark("Providers who filter are protected"),
    "caller_id_rules": mark("Rules on the identity of callers and senders"),
    "number_use_rules": mark("Rules on the use of numbers"),
    "powers": mark("Powers of the authority"),
    "sharing_gateway": mark("The authority may share with others abroad"),
    "jurisdiction_test": mark("Test of jurisdiction"),
    "language": mark("Language"),
    "from_general_knowledge": mark("Fields from general knowledge"),
    "sources": mark("Sources"),
    "confidence": mark("Confidence"),
    "date_recorded": mark("Recorded on"),
    "last_reviewed": mark("Last reviewed on"),
    "reviewed_by": mark("Reviewed by"),
    "publisher": mark("Publisher"),
    "year": mark("Year"),
    "audience": mark("For whom"),
    "prescribes": mark("What it prescribes"),
    "url": mark("Address"),
    "tags": mark("Techniques"),
    "evidence_of_effect": mark("Evidence of effect"),
    "cost_level": mark("Cost"),
    "note": mark("Note"),
    "name": mark("Name"),
    "also_known_as": mark("Also known as"),
    "kind": mark("Kind"),
    "members": mark("Members"),
    "purpose": mark("Purpose"),
    "value": mark("Value"),
    "type": mark("Type"),
    "channel": mark("Channel"),
    "model": mark("Consent"),
    "comparison": mark("Comparison"),
    "count": mark("Number"),
    "counted": mark("What is counted"),
    "period_hours": mark("Hours"),
}
SCOPES = {Kind.LAW: mark("Messages covered"), Kind.BODY: mark("Reach")}
VALUES = {
    # status of a law, a practice, a body
    "in force": mark("In force"),
    "enacted-not-in-force": mark("Enacted, not in force yet"),
    "draft": mark("Draft"),
    "repealed": mark("Repealed"),
    "current": mark("Current"),
    "superseded": mark("Superseded"),
    "obsolete": mark("Obsolete"),
    "historic": mark("Historic"),
    "active": mark("Active"),
    "dormant": mark("Dormant"),
    "ended": mark("Ended"),
    # consent
    "opt-in": mark("Opt-in: consent comes first"),
    "opt-out": mark("Opt-out: allowed until refused"),
    "mixed": mark("Mixed: differs by channel, recipient or sender"),
    "all": mark("All messages"),
    "commercial": mark("Commercial messages only"),
    "fax": mark("Fax"),
    # regions of the ITU
    "Africa": mark("Africa"),
    "Americas": mark("Americas"),
    "Arab States": mark("Arab States"),
    "Asia-Pacific": mark("Asia-Pacific"),
    "CIS": mark("CIS"),
    "Europe": mark("Europe"),
    # thresholds, penalties, days, complaints
    "bulk_definition": mark("What counts as bulk"),
    "frequency_cap": mark("Most messages allowed"),
    "complaint_trigger": mark("Complaints that trigger action"),
    "more than": mark("more than"),
    "at least": mark("at least"),
    "at most": mark("at most"),
    "messages": mark("messages"),
    "complaints": mark("complaints"),
    "recipients": mark("recipients"),
    "business": mark("business days"),
    "calendar": mark("calendar days"),
    "immediate": mark("at once"),
    "money": mark("money"),
    "penalty_units": mark("penalty units"),
    "percent_of_turnover": mark("% of turnover"),
    "index_units": mark("index units"),
    "percent_of_index_unit": mark("% of an index unit"),
    "minimum_daily_wages": mark("minimum daily wages"),
    "prison_years": mark("years in prison"),
    "short_code": mark("Short code"),
    "phone": mark("Telephone number"),
    "ussd": mark("USSD"),
    # confidence and cost
    "high": mark("High"),
    "medium": mark("Medium"),
    "low": mark("Low"),
    # audiences, kinds and reach of bodies
    "regulator": mark("Regulators"),
    "operator": mark("Operators"),
    "sender": mark("Senders"),
    "user": mark("Users"),
    "network": mark("Network of authorities"),
    "agreement": mark("Agreement"),
    "treaty": mark("Treaty"),
    "regional-instrument": mark("Regional instrument"),
    "industry-body": mark("Body of the industry"),
    "reporting-service": mark("Reporting service"),
    "un-process": mark("Process of the United Nations"),
    "law-enforcement": mark("Law enforcement"),
    "data-exchange": mark("Exchange of data"),
    "project": mark("Project"),
    "global": mark("Global"),
    "regional": mark("Regional"),
    "bilateral": mark("Bilateral"),
    "national": mark("National"),
    # techniques
    "architecture": mark("Architecture"),
    "authentication": mark("Authentication"),
    "policy": mark("Policy"),
    "filtering": mark("Filtering"),
    "inbound-control": mark("Control of what comes in"),
    "outbound-control": mark("Control of what goes out"),
    "rate-limit": mark("Limits of rate"),
    "blocklist": mark("Block lists"),
    "allowlist": mark("Allow lists"),
    "reputation": mark("Reputation"),
    "reporting": mark("Reporting"),
    "feedback-loop": mark("Feedback loops"),
    "delivery-status": mark("Status of delivery"),
    "incident-response": mark("Response to incidents"),
    "remediation": mark("Cleaning of devices"),
    "traceback": mark("Traceback"),
    "caller-id": mark("Identity of callers"),
    "numbering": mark("Numbering"),
    "registry": mark("Registers"),
    "labelling": mark("Labelling"),
    "consent": mark("Consent"),
    "unsubscribe": mark("Unsubscribing"),
    "sender-practice": mark("Practice of senders"),
    "user-tools": mark("Tools of users"),
    "privacy": mark("Privacy"),
    "encryption": mark("Encryption"),
    "honeypot": mark("Honeypots"),
    "fraud": mark("Fraud"),
    "statistics": mark("Statistics"),
    "information-sharing": mark("Sharing of information"),
    "cooperation": mark("Cooperation"),
    "legal-model": mark("Model of a law"),
    "education": mark("Education"),
    # pillars and layers that are no technique
    "legislation": mark("Legislation"),
    "technical": mark("Technical measures"),
    "industry": mark("Partnership with industry"),
    "international": mark("International cooperation"),
    "equipment": mark("Equipment of users"),
    "layer-network": mark("Network"),
    "service": mark("Service"),
    "feedback": mark("Feedback"),
    # states of the action plan
    "not-started": mark("Not started"),
    "planned": mark("Planned"),
    "in-progress": mark("In progress"),
    "done": mark("Done"),
    "not-applicable": mark("Not applicable"),
    # answers
    "yes": mark("Yes"),
    "no": mark("No"),
}
BY_UNION = mark("By the union’s rules")
NO_CONSENT_RULE = mark("Not a rule on consent")
NO_LAW = mark("No instrument found")
QUESTIONS = {
    "consent": mark("Consent is needed, at least for some messages"),
    "non-commercial": mark("Covers messages that are not commercial"),
    "unsubscribe.time_limit_days": mark("A time limit to act on a refusal"),
    "authority": mark("An authority that enforces it is named"),
    "max_penalty": mark("A penalty is known"),
    "complaint_channels": mark("A place to complain is known"),
    "bulk_threshold": mark("Has thresholds or caps"),
    "sending_hours": mark("Limits the hours of sending"),
    "powers": mark("Powers of the authority are known"),
    "jurisdiction_test": mark("A test of jurisdiction is known"),
    "do_not_contact_registry": mark("There is a list of those not to be contacted"),
}
CONDUCTS = {
    "after-refusal": mark("Sending after a refusal"),
    "missing-identification": mark("Not naming the sender"),
    "no-unsubscribe": mark("Offering no way to refuse"),
    "missing-label": mark("Leaving out the label"),
    "harvesting": mark("Harvesting addresses"),
    "dictionary-attack": mark("Guessing addresses"),
    "misleading-content": mark("Misleading content"),
    "false-routing": mark("Forged routing"),
    "listed-number": mark("Contacting those on a do-not-contact list"),
    "non-commercial": mark("Spam that is not commercial"),
}
WHY = {
    "not-in-force": mark("It is not in force."),
    "not-recorded": mark("The entry does not say."),
    "channel-not-named": mark("The entry does not name this channel."),
    "opt-in": mark("Consent must come first."),
    "opt-out": mark("Sending is allowed until it is refused."),
    "mixed": mark("It differs by channel, recipient or sender."),
    "no-consent-rule": mark("It is not a rule on consent."),
    "refusal-binds": mark("A refusal binds the sender."),
    "required": mark("It is required."),
    "not-required": mark("It is not required."),
    "banned": mark("It is banned."),
    "not-banned": mark("It is not banned."),
    "all-messages": mark("It covers all messages."),
    "commercial-only": mark("It covers commercial messages only."),
    "registry": mark("There is such a list."),
}
FAULTS = {
    "missing": mark("Something must stand here."),
    "unknown-field": mark("There is no such field."),
    "wrong-type": mark("A value of another kind is expected here."),
    "too-long": mark("This is too long; at most %(limit)s characters."),
    "too-many": mark("These are too many; at most %(limit)s."),
    "not-allowed": mark("This value is not among those allowed."),
    "not-in-range": mark("This number is out of range."),
    "bad-characters": mark("There are characters in it that cannot be kept."),
    "bad-form": mark("This is not written as it must be."),
    "twice": mark("Something stands here twice."),
}
STATES = {
    "proposed": mark("Waiting for a decision"),
    "published": mark("Published"),
    "refused": mark("Refused"),
    "withdrawn": mark("Withdrawn"),
}
# Fields by the heading that they stand under, on pages and forms.
GROUPS: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    Kind.LAW: {
        mark("Instrument"): (
            "id", "jurisdiction", "country", "itu_region", "title", "title_original", "status", "year_enacted",
            "year_last_amended", "language", "official_url", "definition_note", "definition_elements",
        ),
        mark("What senders must do"): (
            "channels", "scope", "consent_model", "consent_by_channel", "consent_natural_persons", "consent_legal_persons",
            "consent_exceptions", "bulk_threshold", "sender_identification_required", "unsubscribe.required",
            "unsubscribe.time_limit_days", "unsubscribe.day_type", "labelling.required", "labelling.label",
            "do_not_contact_registry", "sending_hours", "address_harvesting_banned", "dictionary_attack_banned",
            "misleading_content_banned", "false_routing_banned",
        ),
        mark("Providers and numbers"): (
            "third_party_liability", "provider_duties", "provider_immunity", "caller_id_rules", "number_use_rules",
        ),
        mark("Enforcement"): (
            "authority", "powers", "complaint_channels", "max_penalty", "administrative_sanctions", "civil_sanctions",
            "criminal_sanctions", "private_right_of_action",
        ),
        mark("Across borders"): (
            "cross_border.extraterritorial_reach", "cross_border.cooperation_provision", "sharing_gateway",
            "jurisdiction_test",
        ),
    },
    Kind.PRACTICE: {
        mark("Instrument"): (
            "id", "title", "publisher", "year", "status", "prescribes", "audience", "channels", "tags", "url", "language",
            "evidence_of_effect", "cost_level", "note",
        ),
    },
    Kind.BODY: {
        mark("Body or agreement"): (
            "id", "name", "also_known_as", "kind", "scope", "members", "year", "status", "purpose", "url", "note",
        ),
    },
}  # fmt: skip
RECORD = ("sources", "confidence", "from_general_knowledge", "date_recorded", "last_reviewed", "reviewed_by")
# What is said of an instrument of a union, and of how it binds; one that is not known to be either has no word.
UNIONS = {"EU": mark("of the European Union")}
ACTS = {
    "directive": mark("A directive: it binds through national law."),
    "regulation": mark("A regulation: it applies directly."),
}
TITLES = {Kind.LAW: mark("Laws"), Kind.PRACTICE: mark("Best practices"), Kind.BODY: mark("Cooperation")}
PATHS = {Kind.LAW: "/laws", Kind.PRACTICE: "/practices", Kind.BODY: "/cooperation"}


def field_name(path: str, kind: Kind = Kind.LAW) -> str:
    """A field in words; of a path that is not listed, its last part."""
    if path == "scope":
        return gettext(SCOPES[kind])
    return gettext(FIELDS.get(path) or FIELDS[path.rpartition(".")[2]])


def named(value: str, path: str = "") -> str:
    """A value of a choice in words; `path` tells apart what one word means in two fields."""
    if value == "none":
        none = NO_LAW if path == "status" else NO_CONSENT_RULE
        return gettext(none)
    return gettext(VALUES[value]) if value in VALUES else label(value)


def layer(name: str) -> str:
    """A layer in words."""
    return named(f"layer-{name}" if name == "network" else name)


def question(name: str) -> str:
    """A provision that is asked for, in words."""
    if name.startswith("covers-"):
        return gettext("Names this channel: %(channel)s") % {"channel": named(name.removeprefix("covers-"))}
    return gettext(QUESTIONS[name]) if name in QUESTIONS else field_name(name)


def conduct(name: str) -> str:
    """A type of conduct in words."""
    if name.startswith("unsolicited-"):
        channel = named(name.removeprefix("unsolicited-"))
        return gettext("Sending without consent: %(channel)s") % {"channel": channel}
    return gettext(CONDUCTS[name])


def answered(value: str) -> str:
    """Yes, no, unknown, or by the rules of a union only."""
    return gettext(BY_UNION) if value == "union" else named(value)


def of_union(code: str) -> str:
    """Whose an instrument of a union is, for a tag beside it; "" for a country's own."""
    return gettext(UNIONS[code]) if code in UNIONS else place(code) if code else ""


def act(name: str) -> str:
    """How an instrument of a union binds, "" not known."""
    return gettext(ACTS[name]) if name else ""


def place(code: str) -> str:
    """The name of a jurisdiction; the European Union is one without being a country."""
    return str(locale(current()).territories["EU"]) if code == "EU" else country(code)


def unsaid() -> str:
    """What stands for null."""
    return gettext(UNKNOWN)
