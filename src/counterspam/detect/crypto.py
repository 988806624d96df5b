"""Addresses of cryptocurrencies in text, kept only where their checksum holds (Base58Check; BIP 173 and BIP 350)."""

import hashlib

import re2

_CANDIDATE = re2.compile(r"\b(?:bc1[02-9ac-hj-np-z]{11,71}|[13LMDT][1-9A-HJ-NP-Za-km-z]{25,33}|0x[0-9a-fA-F]{40})\b")
_BASE58 = {c: i for i, c in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}
_BECH32 = {c: i for i, c in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_VERSIONS = frozenset((0x00, 0x05, 0x30, 0x32, 0x1E, 0x41))  # Bitcoin, Litecoin, Dogecoin, Tron
MOST = 10


def addresses(text: str) -> tuple[str, ...]:
    """Addresses in order of appearance, at most ten. Ethereum has no checksum in lower case and is taken by its form."""
    if len(text) < 26:
        return ()
    found = dict.fromkeys(_CANDIDATE.findall(text)[:50])
    return tuple(a for a in found if a.startswith("0x") or _holds(a))[:MOST]


def _holds(address: str) -> bool:
    return _bech32(address) if address.startswith("bc1") else _base58(address)


def _base58(address: str) -> bool:
    number = 0
    for char in address:
        number = number * 58 + _BASE58[char]
    data = number.to_bytes(26, "big")[-25:] if number < 1 << 200 else b""
    if len(data) != 25 or data[0] not in _VERSIONS:
        return False
    return hashlib.sha256(hashlib.sha256(data[:21]).digest()).digest()[:4] == data[21:]


def _bech32(address: str) -> bool:
    """The checksum polynomial over the human part "bc" and the data; 1 is Bech32, 0x2bc830a3 Bech32m."""
    values = [3, 3, 0, 2, 3, *(_BECH32[c] for c in address[3:])]
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> bit & 1:
                check ^= generator
    return check in (1, 0x2BC830A3)
