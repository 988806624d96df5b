"""Which answers of the questionnaire the node measures too, and by which values of its own taxonomy.

By question, so that a definition that lacks one has no comparison for it. Options that are not named here are measured by
nothing that means the same: `compared` lists them, and nothing is put in their place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from counterspam.taxonomy import Channel, ContentType, Disposition, Nature, Payload, Source, Technique
from counterspam.web.language import mark

Values = Mapping[str, tuple[str, ...]]  # dimension -> values
SPAM, ALL, REPORTS = "spam_messages", "messages", "reports"
MONTHLY = ("integer", "number")  # kinds of fields that hold a count of a month


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How a number is counted: the metric `count` over the rows of a question `by` dimensions that have the `wanted` values.

    `of` is the metric that it is a share of, over the rows with the values `whole`, or over everything where that is None;
    without `of` it is a count for each month. `only` are the filters of the question.
    """

    by: tuple[str, ...] = ()
    wanted: Values = field(default_factory=dict)
    count: str = SPAM
    only: Values = field(default_factory=dict)
    of: str = ""
    whole: Values | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A ranked list of names of a `kind` of field: which values of a dimension mean the same. None: as they are written."""

    by: str
    kind: str
    only: Values = field(default_factory=dict)
    values: Mapping[str, str] | None = None


CHANNELS = {
    "email": Channel.EMAIL,
    "sms": Channel.SMS,
    "mms": Channel.MMS,
    "rcs": Channel.RCS,
    "voice": Channel.VOICE,
    "im": Channel.IM,
    "social": Channel.SOCIAL,
    "web": Channel.WEB,
    "in-app": Channel.IN_APP,
}
FATES = {
    "blocked": Disposition.BLOCKED,
    "tagged": Disposition.TAGGED,
    "delivered": Disposition.DELIVERED,
    "dropped": Disposition.DROPPED,
}
# Not `other`: what the node has no name for is not what a list of 23 leaves over.
CONTENT = {
    "bank": ContentType.BANK,
    "account-phishing": ContentType.PHISHING,
    "parcel": ContentType.PARCEL,
    "government-impersonation": ContentType.GOVERNMENT,
    "tax": ContentType.TAX,
    "fine-toll": ContentType.FINE,
    "tech-support": ContentType.TECH_SUPPORT,
    "crypto-investment": ContentType.CRYPTO,
    "investment": ContentType.INVESTMENT,
    "loan": ContentType.LOAN,
    "job-offer": ContentType.JOB,
    "gambling": ContentType.GAMBLING,
    "contest": ContentType.CONTEST,
    "advance-fee": ContentType.ADVANCE_FEE,
    "romance": ContentType.ROMANCE,
    "adult": ContentType.ADULT,
    "pharmacy": ContentType.PHARMACY,
    "product-promotion": ContentType.PRODUCT,
    "telecom": ContentType.TELECOM,
    "malware-delivery": ContentType.MALWARE,
    "wangiri": ContentType.WANGIRI,
    "robocall": ContentType.ROBOCALL,
    "political": ContentType.POLITICAL,
}
# Not `phishing`: the node tells what a lure is about, not whether it asks for secrets. Not `machine`: K17 says why.
FEATURES = {
    "fraudulent": ("nature", Nature.FRAUDULENT),
    "commercial": ("nature", Nature.COMMERCIAL),
    "malware": ("payload", Payload.MALWARE),
    "call-back": ("payload", Payload.PREMIUM),
}
# Not `on-net`, `off-net`, `roaming`, which no evidence tells apart; not `ott`, which is a channel here.
ROUTES = {
    "international": ("border", "abroad"),
    "sim-box": ("technique", Technique.SIM_BOX),
    "a2p": ("technique", Technique.BULK),
    "botnet": ("technique", Technique.BOTNET),
    "base-station": ("technique", Technique.FALSE_BASE_STATION),
}
# Not `stir`: a call without attestation looks as one of which nothing is known. `temperror` tells nothing either way.
SCHEMES = ("spf", "dkim", "dmarc")
USED = ("pass", "fail", "softfail", "neutral", "policy", "permerror")
USERS: Values = {"source": (Source.USER_REPORT,)}


def _share(by: str, value: str) -> Counted:
    return Counted(by=(by,), wanted={by: (value,)}, of=SPAM)


def _channels() -> dict[str, Counted]:
    found = {}
    for row, channel in CHANNELS.items():
        here: Values = {"channel": (channel,)}
        found[f"B2.1/{row}/total"] = Counted(by=("channel",), wanted=here, count=ALL)
        found[f"B2.1/{row}/spam"] = Counted(by=("channel",), wanted=here)
        found[f"B2.2/{row}/share"] = Counted(by=("channel",), wanted=here, of=ALL, whole=here)
        for column, fate in FATES.items():
            wanted = {**here, "disposition": (fate,)}
            found[f"B2.3/{row}/{column}"] = Counted(by=("channel", "disposition"), wanted=wanted, count=ALL)
        found[f"B2.3/{row}/complaints"] = Counted(by=("channel",), wanted=here, count=REPORTS, only=USERS)
    return found


def _schemes() -> dict[str, Counted]:
    mail: Values = {"channel": (Channel.EMAIL,)}
    return {
        f"B5.2/{one}/share": Counted(
            by=(one,), wanted={one: USED}, count=ALL, only=mail, of=ALL, whole={one: (*USED, "none")}
        )
        for one in SCHEMES
    }


# By the key of the field. A field of another kind than such a figure is another question.
CELLS: Mapping[str, Counted] = {
    **_channels(),
    **{f"B3.2/{row}/share": _share(*found) for row, found in FEATURES.items()},
    **{f"B4.2/{row}/share": _share(*found) for row, found in ROUTES.items()},
    **_schemes(),
    "B7.2d": Counted(count=REPORTS, only=USERS),
}
LISTS: Mapping[str, Ranked] = {
    **{
        question: Ranked(by="content_type", kind="choice", only={"channel": channels}, values=CONTENT)
        for question, channels in {
            "B3.1a": (Channel.EMAIL,),
            "B3.1b": (Channel.SMS,),
            "B3.1c": (Channel.VOICE,),
            "B3.1d": (Channel.IM, Channel.SOCIAL),
        }.items()
    },
    "B4.1a": Ranked(by="origin", kind="country"),
    "B4.1b": Ranked(by="asn", kind="text"),
}
# Dimensions whose other values are named beside the table: ways of sending that the question does not offer.
REST = {"B4.2": "technique"}

_NAMED = mark(
    "Stated: how many respondents name it among the most frequent, of those who name any. Measured: its share of the spam"
    " that reached this node in the period by the same channels."
)
BASIS: Mapping[str, str] = {
    "B2.1": mark(
        "Stated: what one respondent counts in a month in its own network. Measured: what reached this node in a month of the"
        " period from everybody, mostly what was reported. The one is traffic, the other evidence of it."
    ),
    "B2.2": mark(
        "Stated: the share of spam in their own traffic as respondents know it. Measured: the share judged spam of what"
        " reached this node in the period, which is mostly what was reported. They answer different questions."
    ),
    "B2.3": mark(
        "Stated: what one respondent counts in a month in its own network. Measured: what records that reached this node in a"
        " month of the period say became of messages, and reports by users; a dropped connection counts as what its record"
        " says. Most evidence does not say what became of it."
    ),
    **dict.fromkeys(("B3.1a", "B3.1b", "B3.1c", "B3.1d"), _NAMED),
    "B3.2": mark(
        "Stated: the share that has the feature, of a respondent's own spam. Measured: the share of the spam that reached this"
        " node in the period, as the text shows it; of several payloads the most dangerous one counts."
    ),
    "B4.1a": mark(
        "Stated: how many respondents name the country among the ten first, of those who name any. Measured: the share of the"
        " spam that was handed in from there in the period, of what reached this node."
    ),
    "B4.1b": mark(
        "Stated: how many respondents name the network among the ten first, of those who name any. Measured: the share of the"
        " spam that was handed in from there in the period, of what reached this node."
    ),
    "B4.2": mark(
        "Stated: the share of spam that takes the route. Measured: the share of the spam that reached this node in the period"
        " of which the evidence shows this way of sending, or that it crossed a border. Most evidence does not tell; what is"
        " measured overlaps and does not add up to 100."
    ),
    "B5.2": mark(
        "Stated: the share covered of traffic, domains or customers, as each respondent says. Measured: the share of the"
        " e-mail messages checked for the scheme whose domain uses it, of what reached this node in the period. Many of them"
        " come from DMARC reports, which exist only where DMARC is used."
    ),
    "B7.2d": mark(
        "Stated: reports that one respondent receives in a month. Measured: reports by users that reached this node in a month"
        " of the period from everybody."
    ),
}
