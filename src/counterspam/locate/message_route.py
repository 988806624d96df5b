"""SMS, MMS, RCS, instant messages, social media and web: sender and recorded relays -> origin.

A number tells its country as for a call. A name, handle or web address tells none: nothing is resolved at run time, so only
an address that stands in the evidence itself (source address, or a link to a bare IP address as sender) is located.
"""

from urllib.parse import urlsplit

from counterspam.locate import call_route
from counterspam.model import Evidence, Facts, Origin
from counterspam.taxonomy import SenderKind
from counterspam.tools import Tools


def locate(evidence: Evidence, facts: Facts, tools: Tools) -> Origin:
    """Origin of a message that is neither mail nor call."""
    origin = call_route.locate(evidence, tools)
    if origin.basis or evidence.source_ip:
        return origin
    lookup = tools.networks.synthetic if evidence.synthetic else tools.networks.lookup
    return call_route.by_address(origin, _address(evidence), lookup)


def _address(evidence: Evidence) -> str:
    if evidence.sender_kind is SenderKind.IP:
        return evidence.sender
    if evidence.sender_kind is SenderKind.URL:
        try:
            return urlsplit(evidence.sender).hostname or ""
        except ValueError:
            return ""
    return ""
