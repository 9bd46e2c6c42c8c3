"""The compression of VBA streams, [MS-OVBA] 2.4.1: chunks of 4,096 bytes of tokens."""

from __future__ import annotations

import struct

CHUNK = 4096
_SHORTEST = 3
"""A copy token stands for at least so many bytes."""
_RAW_HEADER = 0x3FFF
_TOKEN_HEADER = 0xB000


def compress(data: bytes) -> bytes:
    """Return the compressed container of some bytes.

    Raises:
        ValueError: the last chunk would grow; text never does.
    """
    container = bytearray(b"\x01")
    for start in range(0, len(data), CHUNK):
        chunk = data[start : start + CHUNK]
        body = _tokens(chunk)
        if len(body) <= CHUNK:
            container += struct.pack("<H", _TOKEN_HEADER | (len(body) - 1)) + body
        elif len(chunk) == CHUNK:
            container += struct.pack("<H", _RAW_HEADER) + chunk
        else:
            raise ValueError("a last chunk that cannot be compressed has no representation")
    return bytes(container)


def _offset_bits(position: int) -> int:
    """Bits of a copy token that hold the offset, at a place in the uncompressed chunk."""
    return max((position - 1).bit_length(), 4) if position else 4


def _tokens(chunk: bytes) -> bytearray:
    body = bytearray()
    seen: dict[bytes, list[int]] = {}
    position = 0
    while position < len(chunk):
        flags_at = len(body)
        body.append(0)
        for bit in range(8):
            if position >= len(chunk):
                break
            bits = _offset_bits(position)
            length, source = _longest(chunk, position, (0xFFFF >> bits) + 3, seen)
            if length >= _SHORTEST:
                token = ((position - source - 1) << (16 - bits)) | (length - 3)
                body += struct.pack("<H", token)
                body[flags_at] |= 1 << bit
            else:
                length = 1
                body.append(chunk[position])
            for at in range(position, min(position + length, len(chunk) - _SHORTEST + 1)):
                seen.setdefault(chunk[at : at + _SHORTEST], []).append(at)
            position += length
    return body


def _longest(
    chunk: bytes, position: int, limit: int, seen: dict[bytes, list[int]]
) -> tuple[int, int]:
    """Length and place of the longest earlier run that continues as the chunk does here."""
    best, source = 0, 0
    limit = min(limit, len(chunk) - position)
    for candidate in reversed(seen.get(chunk[position : position + _SHORTEST], ())):
        length = 0
        while length < limit and chunk[candidate + length] == chunk[position + length]:
            length += 1
        if length > best:
            best, source = length, candidate
        if length == limit:
            break
    return best, source
