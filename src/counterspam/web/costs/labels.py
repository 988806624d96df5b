"""What parameters, lines, units and measures of the cost model are called in English; catalogues have the rest."""

from counterspam.policy.costs.parameter import Parameter
from counterspam.web.language import gettext, mark

# As in data/costs/parameters.yaml, where each has its source and note (a test compares them).
PARAMETERS = {
    "people": mark("People within the scope"),
    "mail_users": mark("People or mailboxes that receive e-mail"),
    "phone_users": mark("Mobile subscriptions"),
    "mail_delivered_day": mark("Spam mails that reach the inbox of a user"),
    "mail_block": mark("Share of the spam mail sent that is blocked, dropped or tagged before the inbox"),
    "sms_delivered_day": mark("Spam SMS that reach a subscriber"),
    "sms_block": mark("Share of the spam SMS sent that is blocked before the handset"),
    "voice_delivered_day": mark("Unwanted calls that ring at a subscriber"),
    "voice_block": mark("Share of the unwanted calls that is blocked before they ring"),
    "mail_seconds": mark("Time to deal with one spam mail"),
    "sms_seconds": mark("Time to deal with one spam SMS"),
    "voice_seconds": mark("Time that one unwanted call takes"),
    "wage_year": mark("Average yearly wage"),
    "hours_year": mark("Working hours of a year"),
    "time_value_share": mark("What an hour lost to spam is worth, as a share of the hourly wage"),
    "mail_bytes": mark("Size of a spam mail"),
    "mail_body_share": mark("Share of the spam mail sent whose body is received before it is judged"),
    "peak_factor": mark("Capacity that is built, per mean load"),
    "transit_price": mark("Price of IP transit"),
    "stored_share": mark("Share of the spam mail sent that is kept, in quarantine or a junk folder"),
    "retention_days": mark("Time that it is kept"),
    "storage_price": mark("Price of storage"),
    "signalling_price": mark("Yearly cost of one message or call attempt a second of signalling capacity"),
    "support_user": mark("Help desk cost per user and year"),
    "support_share": mark("Share of help desk work that spam causes"),
    "fraud_reports_share": mark("Fraud reports per person and year"),
    "fraud_spam_share": mark("Share of these frauds that began with a mail, an SMS or a call"),
    "fraud_unreported": mark("Frauds per reported one"),
    "fraud_loss_hours": mark("Loss per fraud, in hours of the average wage"),
    "exposure_response": mark("How far frauds, call-backs and help desk calls follow the spam that gets through"),
    "short_rings_year": mark("Calls that ring once to be called back at a premium price"),
    "callback_share": mark("Share of those that are called back"),
    "callback_minutes": mark("Length of such a call"),
    "callback_price": mark("Retail price of such a call"),
    "mail_wh": mark("Energy per spam mail"),
    "power_price": mark("Price of electricity"),
    "grid_g": mark("CO2 per kWh of electricity"),
    "operators": mark("Operators that each set up the measures"),
    "staff_factor": mark("Full cost of one specialist, per average wage"),
    "price_level": mark("Price level (PPP rate over market rate)"),
    "fx": mark("Exchange rate"),
}
FIELDS = {
    "capex": mark("Facilities bought once"),
    "capex_user": mark("Facilities bought once, more for each user"),
    "life": mark("Life of the facilities"),
    "licence_user": mark("Licences"),
    "staff": mark("Staff"),
    "staff_million": mark("Staff, more for each million users"),
    "training": mark("Training"),
    "running": mark("Running cost"),
}
EFFECTS = {
    "stopped": mark("Share of the spam still getting through that the measure stops"),
    "prevented": mark("Share of all spam that the measure keeps from being sent"),
}
MEASURES = {
    "mail_filter": mark("Content and reputation filter for e-mail"),
    "mail_authentication": mark("SPF, DKIM and DMARC with enforcement"),
    "outbound_control": mark("Outbound guard, port 25 management and disconnection of infected lines"),
    "sms_firewall": mark("SMS firewall"),
    "sender_registry": mark("Registry of sender names for SMS"),
    "caller_validation": mark("Validation of caller numbers between operators"),
    "international_block": mark("Blocking of calls from abroad that show national numbers"),
    "call_labelling": mark("Labelling of suspected spam calls and messages on the handset"),
    "reporting_service": mark("National reporting service with a short code, and this platform"),
    "awareness": mark("Awareness campaign for users"),
}
GROUPS = {
    "population": mark("People and connections"),
    "volume": mark("How much spam there is"),
    "time": mark("Time and wages"),
    "network": mark("Networks and storage"),
    "support": mark("Help desk"),
    "fraud": mark("Fraud"),
    "call-back": mark("Premium call-back"),
    "energy": mark("Energy"),
    "investment": mark("Operators and staff"),
    "currency": mark("Currency"),
}
COMPONENTS = {
    "time": mark("Time of users"),
    "fraud": mark("Loss by fraud"),
    "callback": mark("Premium call-back"),
    "bandwidth": mark("Transit for mail"),
    "storage": mark("Storage of mail"),
    "signalling": mark("Signalling for SMS and calls"),
    "support": mark("Help desk"),
    "energy": mark("Energy"),
}
QUANTITIES = {
    "mail_sent": mark("Spam mails sent"),
    "sms_sent": mark("Spam SMS sent"),
    "voice_sent": mark("Unwanted calls made"),
    "mail_hours": mark("Hours lost to mail"),
    "phone_hours": mark("Hours lost to SMS and calls"),
    "mail_mbps": mark("Transit capacity that spam mail takes"),
    "stored_gb": mark("Spam mail in storage"),
    "signalling_rate": mark("Signalling capacity that spam takes"),
    "frauds": mark("Frauds that began with spam"),
    "called_back": mark("Minutes called back"),
    "energy_kwh": mark("Electricity"),
    "co2_t": mark("CO2 emissions"),
}
COSTS = {
    "capex": mark("Facilities, bought once"),
    "facilities": mark("Facilities, spread over their life"),
    "licences": mark("Licences"),
    "staff": mark("Staff"),
    "training": mark("Training"),
    "running": mark("Running cost"),
    "yearly": mark("Yearly cost"),
    "annual": mark("Yearly cost with facilities"),
    "avoided": mark("Avoided burden"),
    "net": mark("Avoided burden less yearly cost"),
    "payback": mark("Payback"),
}
BEARERS = {
    "users": mark("Users"),
    "operators": mark("Operators"),
}
CHANNELS = {
    "mail": mark("E-mail"),
    "sms": mark("SMS"),
    "voice": mark("Voice calls"),
}
PROVENANCE = {
    "published": mark("Published"),
    "derived": mark("Worked out from published figures"),
    "assumption": mark("Assumption, change it"),
    "questionnaire": mark("Questionnaire"),
    "measured here": mark("Measured here"),
    "user": mark("Given by you"),
    "unknown": mark("Unknown"),
}
STATES = {
    "draft": mark("Draft"),
    "published": mark("Published"),
    "refused": mark("Refused"),
    "replaced": mark("Replaced by a later version"),
}
SYMBOLS = frozenset({"GB", "Mbit/s", "USD"})  # units that are written alike everywhere
UNITS = {
    "USD per (1/s) and year": mark("USD per (1/s) and year"),
    "USD per GB and month": mark("USD per GB and month"),
    "USD per Mbit/s and month": mark("USD per Mbit/s and month"),
    "USD per international dollar": mark("USD per international dollar"),
    "USD per kWh": mark("USD per kWh"),
    "USD per minute": mark("USD per minute"),
    "USD per operator": mark("USD per operator"),
    "USD per post and year": mark("USD per post and year"),
    "USD per user": mark("USD per user"),
    "USD per user and year": mark("USD per user and year"),
    "USD per year": mark("USD per year"),
    "Wh per message": mark("Wh per message"),
    "bytes per message": mark("bytes per message"),
    "calls per subscription and day": mark("calls per subscription and day"),
    "calls per subscription and year": mark("calls per subscription and year"),
    "calls per year": mark("calls per year"),
    "days": mark("days"),
    "frauds per year": mark("frauds per year"),
    "full-time posts per million users": mark("full-time posts per million users"),
    "full-time posts per operator": mark("full-time posts per operator"),
    "g per kWh": mark("g per kWh"),
    "hours": mark("hours"),
    "hours per year": mark("hours per year"),
    "kWh per year": mark("kWh per year"),
    "local currency per USD": mark("local currency per USD"),
    "messages and calls per second": mark("messages and calls per second"),
    "messages per subscription and day": mark("messages per subscription and day"),
    "messages per user and day": mark("messages per user and day"),
    "messages per year": mark("messages per year"),
    "minutes per call": mark("minutes per call"),
    "minutes per year": mark("minutes per year"),
    "months": mark("months"),
    "operators": mark("operators"),
    "people": mark("people"),
    "ratio": mark("ratio"),
    "reports per person and year": mark("reports per person and year"),
    "seconds per call": mark("seconds per call"),
    "seconds per message": mark("seconds per message"),
    "share": mark("share"),
    "share of facilities per year": mark("share of facilities per year"),
    "subscriptions": mark("subscriptions"),
    "t per year": mark("t per year"),
    "users": mark("users"),
    "years": mark("years"),
}


def parameter(one: Parameter) -> str:
    """What a parameter is called; one of a measure with what it is of the measure."""
    if one.id in PARAMETERS:
        return gettext(PARAMETERS[one.id])
    field = one.id.partition("__")[2]
    if field in FIELDS:
        return gettext(FIELDS[field])
    kind, _, channel = field.partition("_")
    return f"{gettext(EFFECTS[kind])} ({gettext(CHANNELS[channel])})"


def full(one: Parameter) -> str:
    """The same, with the measure that it belongs to."""
    measure = one.id.partition("__")[0]
    return f"{gettext(MEASURES[measure])}: {parameter(one)}" if measure in MEASURES else parameter(one)


def unit(name: str) -> str:
    """A unit in words."""
    return gettext(UNITS[name]) if name in UNITS else name
