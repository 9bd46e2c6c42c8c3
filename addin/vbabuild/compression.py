"""The compression of VBA streams, [MS-OVBA] 2.4.1: chunks of 4,096 bytes of tokens."""

from __future__ import annotations

import struct

CHUNK = 4096
_SHORTEST = 3
"""A copy token stands for at least so many bytes."""
_RAW_HEADER = 0x3FFF
_TOKEN_HEADER = 0xB000


class DamagedStream(ValueError):
    """Bytes that are no compressed container."""


def compress(data: bytes) -> bytes:
    """The compressed container of some bytes.

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


def decompress(container: bytes) -> bytes:
    """The bytes of a compressed container.

    Raises:
        DamagedStream: it is none.
    """
    if container[:1] != b"\x01":
        raise DamagedStream("no signature")
    data, position = bytearray(), 1
    while position < len(container):
        if position + 2 > len(container):
            raise DamagedStream("cut in a header")
        (header,) = struct.unpack_from("<H", container, position)
        end = position + (header & 0x0FFF) + 3
        if header & 0x7000 != 0x3000 or end > len(container):
            raise DamagedStream("bad header")
        body = container[position + 2 : end]
        data += _expanded(body) if header & 0x8000 else body
        position = end
    return bytes(data)


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


def _expanded(body: bytes) -> bytes:
    chunk, position = bytearray(), 0
    while position < len(body):
        flags = body[position]
        position += 1
        for bit in range(8):
            if position >= len(body):
                break
            if not flags >> bit & 1:
                chunk.append(body[position])
                position += 1
                continue
            if position + 2 > len(body):
                raise DamagedStream("cut in a token")
            (token,) = struct.unpack_from("<H", body, position)
            position += 2
            bits = _offset_bits(len(chunk))
            offset, length = (token >> (16 - bits)) + 1, (token & (0xFFFF >> bits)) + 3
            if offset > len(chunk):
                raise DamagedStream("a token copies from before the chunk")
            for _ in range(length):
                chunk.append(chunk[-offset])
    return bytes(chunk)
