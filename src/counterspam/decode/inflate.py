"""Compressed evidence: gzip (RFC 1952), zstd (RFC 8878), zip with one member. Bounded, so that bombs stay small."""

import io
import zipfile
import zlib
from collections.abc import Callable

import zstandard

from counterspam.decode.record import MAX_INFLATED
from counterspam.errors import DecodeError, Reason

MAX_NESTED = 2
MAX_MEMBERS = 1000

_STEP = 1024 * 1024
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def inflate(data: bytes, limit: int = MAX_INFLATED) -> bytes:
    """`data` without its compression, at most `limit` bytes; what is not compressed comes back as it is.

    Raises DecodeError: TOO_LARGE, TOO_DEEP (compressed more than twice), BAD_SYNTAX (damaged or cut off), EMPTY,
    UNSUPPORTED (a zip of several members, an encrypted one, another method).
    """
    for _ in range(MAX_NESTED):
        unpack = _unpacker(data)
        if unpack is None:
            return data
        data = unpack(data, limit)
    if _unpacker(data):
        raise DecodeError(Reason.TOO_DEEP, f"compressed more than {MAX_NESTED} times")
    return data


def _unpacker(data: bytes) -> Callable[[bytes, int], bytes] | None:
    if data.startswith(_GZIP):
        return _gunzip
    if data.startswith(_ZSTD):
        return _unzstd
    return _unzip if data.startswith(_ZIP) else None


def _too_large(limit: int) -> DecodeError:
    return DecodeError(Reason.TOO_LARGE, f"more than {limit} bytes when inflated")


def _gunzip(data: bytes, limit: int) -> bytes:
    out = bytearray()
    rest = data
    while rest.startswith(_GZIP):  # members may follow each other; what else follows is padding
        stream = zlib.decompressobj(31)
        while rest and not stream.eof:
            try:
                out += stream.decompress(rest, _STEP)
            except zlib.error as error:
                raise DecodeError(Reason.BAD_SYNTAX, f"gzip: {error}") from error
            if len(out) > limit:
                raise _too_large(limit)
            rest = stream.unconsumed_tail
        if not stream.eof:
            raise DecodeError(Reason.BAD_SYNTAX, "gzip: cut off")
        rest = stream.unused_data
    return bytes(out)


def _unzstd(data: bytes, limit: int) -> bytes:
    out = bytearray()
    rest = data
    while rest.startswith(_ZSTD):
        stream = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
        try:
            # The object inflates all that it is given at once: small pieces keep a bomb small.
            for start in range(0, len(rest), 1024):
                out += stream.decompress(rest[start : start + 1024])
                if len(out) > limit:
                    raise _too_large(limit)
                if stream.eof:
                    rest = stream.unused_data + rest[start + 1024 :]
                    break
        except zstandard.ZstdError as error:
            raise DecodeError(Reason.BAD_SYNTAX, f"zstd: {error}") from error
        if not stream.eof:
            raise DecodeError(Reason.BAD_SYNTAX, "zstd: cut off")
    return bytes(out)


def _unzip(data: bytes, limit: int) -> bytes:
    if data.count(b"PK\x01\x02") > MAX_MEMBERS:
        raise DecodeError(Reason.UNSUPPORTED, f"zip of more than {MAX_MEMBERS} members: unpack it when collecting")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if not members:
                raise DecodeError(Reason.EMPTY, "zip without a member")
            if len(members) > 1:
                raise DecodeError(Reason.UNSUPPORTED, f"zip of {len(members)} members: unpack it when collecting")
            if members[0].flag_bits & 1:
                raise DecodeError(Reason.UNSUPPORTED, "zip: encrypted")
            if members[0].compress_type not in _ZIP_METHODS:
                raise DecodeError(Reason.UNSUPPORTED, f"zip: compression method {members[0].compress_type}")
            with archive.open(members[0]) as file:
                out = file.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError) as error:
        raise DecodeError(Reason.BAD_SYNTAX, f"zip: {error}") from error
    if len(out) > limit:
        raise _too_large(limit)
    return out
