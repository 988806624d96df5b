"""Best practices by pillar and by layer, derived from their tags.

The five pillars are those that the Resolution 52 text names: legislation, technical measures, partnership with
industry, education, international cooperation. The five layers are structured after X.1231: what protects the
equipment of users, the network, the service, what filters, and what comes back as feedback. A tag belongs to one or
two of each; the table is the rule.
"""

from collections.abc import Iterable, Mapping

from counterspam.policy.repository.fields import Content

PILLARS = ("legislation", "technical", "industry", "education", "international")
LAYERS = ("equipment", "network", "service", "filtering", "feedback")
# tag: pillars, layers
TABLE: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "architecture": (("technical",), ("network",)),
    "authentication": (("technical",), ("service",)),
    "policy": (("legislation",), ("service",)),
    "filtering": (("technical",), ("filtering",)),
    "inbound-control": (("technical",), ("network", "filtering")),
    "outbound-control": (("technical", "industry"), ("network",)),
    "rate-limit": (("technical",), ("service",)),
    "blocklist": (("technical",), ("filtering",)),
    "allowlist": (("technical",), ("filtering",)),
    "reputation": (("technical",), ("filtering",)),
    "reporting": (("technical",), ("feedback",)),
    "feedback-loop": (("technical", "industry"), ("feedback",)),
    "delivery-status": (("technical",), ("feedback",)),
    "incident-response": (("industry",), ("feedback",)),
    "remediation": (("industry",), ("equipment",)),
    "traceback": (("industry", "technical"), ("network", "feedback")),
    "caller-id": (("technical",), ("service",)),
    "numbering": (("legislation", "technical"), ("network",)),
    "registry": (("legislation",), ("service",)),
    "labelling": (("legislation",), ("filtering",)),
    "consent": (("legislation", "industry"), ("service",)),
    "unsubscribe": (("industry", "legislation"), ("service",)),
    "sender-practice": (("industry",), ("service",)),
    "user-tools": (("education", "technical"), ("equipment",)),
    "privacy": (("legislation",), ("service",)),
    "encryption": (("technical",), ("network",)),
    "honeypot": (("technical",), ("feedback",)),
    "fraud": (("industry",), ("service",)),
    "statistics": (("international",), ("feedback",)),
    "information-sharing": (("international", "industry"), ("feedback",)),
    "cooperation": (("international",), ("feedback",)),
    "legal-model": (("legislation", "international"), ("service",)),
    "education": (("education",), ("equipment",)),
}


def pillars(practice: Content) -> list[str]:
    """The pillars that a practice belongs to, in their order."""
    return _of(practice["tags"], 0, PILLARS)


def layers(practice: Content) -> list[str]:
    """The layers that a practice belongs to, in their order."""
    return _of(practice["tags"], 1, LAYERS)


def coverage(practices: Iterable[Content]) -> dict[tuple[str, str], int]:
    """How many practices there are for each layer and pillar; 0 shows that nothing is there."""
    found = {(layer, pillar): 0 for layer in LAYERS for pillar in PILLARS}
    for practice in practices:
        for layer in layers(practice):
            for pillar in pillars(practice):
                found[layer, pillar] += 1
    return found


def _of(tags: Iterable[str], place: int, order: tuple[str, ...]) -> list[str]:
    named = {name for tag in tags for name in TABLE[tag][place]}
    return [name for name in order if name in named]
