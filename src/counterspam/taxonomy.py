"""The one taxonomy for all channels (REQUIREMENTS D1, D2). Every value that a figure can be split by stands here."""

from enum import StrEnum


class Channel(StrEnum):
    """By which kind of service the message or call reached its recipient."""

    EMAIL = "email"
    SMS = "sms"
    MMS = "mms"
    RCS = "rcs"
    VOICE = "voice"
    IM = "im"
    SOCIAL = "social"
    WEB = "web"
    IN_APP = "in-app"
    OTHER = "other"


class Source(StrEnum):
    """Which kind of observer the evidence comes from: the basis of every figure."""

    USER_REPORT = "user-report"
    TRAP = "trap"
    HONEYPOT = "honeypot"
    FILTER = "filter"
    CALL_RECORD = "call-record"
    SIGNALLING = "signalling"
    PEER = "peer"
    QUESTIONNAIRE = "questionnaire"


class SenderKind(StrEnum):
    """What the normalised sender is."""

    PHONE = "phone"
    SHORT_CODE = "short-code"
    ALPHANUMERIC = "alphanumeric"
    EMAIL = "email"
    HANDLE = "handle"
    URL = "url"
    IP = "ip"
    UNKNOWN = "unknown"


class Disposition(StrEnum):
    """What the observer did with the message."""

    BLOCKED = "blocked"
    DROPPED = "dropped"
    TAGGED = "tagged"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"


class ContentType(StrEnum):
    """What the message is about."""

    HAM = "ham"
    ADVANCE_FEE = "advance-fee"
    ADULT = "adult"
    BANK = "bank"
    CHARITY = "charity"
    COMPENSATION = "compensation-claim"
    CONTEST = "contest"
    CRYPTO = "crypto-investment"
    DEBT_RELIEF = "debt-relief"
    EXTORTION = "extortion"
    FAMILY = "hi-mum"
    FINE = "fine-toll"
    GAMBLING = "gambling"
    GIFT_CARD = "gift-card"
    GOVERNMENT = "government-impersonation"
    INVESTMENT = "investment"
    JOB = "job-offer"
    LOAN = "loan"
    MALWARE = "malware-delivery"
    PARCEL = "parcel"
    PHARMACY = "pharmacy"
    PHISHING = "account-phishing"
    PRODUCT = "product-promotion"
    ROMANCE = "romance"
    SOFTWARE = "software"
    SUBSCRIPTION = "subscription-service"
    TAX = "tax"
    TECH_SUPPORT = "tech-support"
    TELECOM = "telecom"
    WANGIRI = "wangiri"
    ROBOCALL = "robocall"
    POLITICAL = "political"
    OTHER = "other"
    UNKNOWN = "unknown"


class Nature(StrEnum):
    """In whose interest it was sent."""

    COMMERCIAL = "commercial"
    NON_COMMERCIAL = "non-commercial"
    FRAUDULENT = "fraudulent"
    INFLUENCE = "influence"
    UNKNOWN = "unknown"


class Payload(StrEnum):
    """What the recipient is meant to act on; the most dangerous one present."""

    NONE = "none"
    URL = "url"
    ATTACHMENT = "attachment"
    MALWARE = "malware"
    CALLBACK = "call-back-number"
    PREMIUM = "premium-number"
    CRYPTO = "crypto-address"
    EMAIL = "reply-address"
    QR = "qr"


class Technique(StrEnum):
    """How it was sent, where the evidence shows it."""

    UNKNOWN = "unknown"
    SPOOFED = "spoofed-id"
    BOTNET = "botnet"
    HIJACKED = "hijacked-account"
    SIM_BOX = "sim-box"
    FALSE_BASE_STATION = "false-base-station"
    GREY_ROUTE = "grey-route"
    OPEN_RELAY = "open-relay"
    BULK = "bulk-service"
    SNOWSHOE = "snowshoe"
    LOOKALIKE = "look-alike-domain"
    SHORT_RING = "short-ring"
