"""Check whether a word is a Vietnamese syllable: onset, rhyme, tone, place of the tone mark.

Source: the spelling rules of Vietnamese (onsets, rhymes, stopped codas take only the sắc and nặng
tones). Rare rhymes of loan words are left out: the answer serves to tell an encoding, not to spell.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_ONSETS = ("ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", *"bcdđghklmnprstvx")
"""Longest first, so that ``nghe`` is ngh + e."""
_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu
iêc iêm iên iêng iêp iêt iêu o oa oac oach oai oan oang oanh oao oap oat oay oăc oăm oăn oăng
oăt oc oe oen oeo oet oi om on ong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uê uêch uênh uơ uy uya uych uynh uyên uyêt uyt uyu uc ui um un ung up ut
uôc uôi uôm uôn uông uôt ư ưa ưc ưi ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
y yêm yên yêng yêt yêu
"""
_WITH_QU = """
a ac ach ai an ang anh ao at ay ăc ăm ăn ăng ăp ăt ân âng ât ây e en eo et ê ên êch ênh êt
ich in inh it ôc ơ ơn y ynh yên yêt yt ych ya
"""
_KNOWN, _AFTER_QU = frozenset(_RHYMES.split()), frozenset(_WITH_QU.split())
_AFTER_GI = frozenset({"êng", "êt", "ên", "êc", "êm", "êp"})
"""Rhymes whose i has merged with that of ``gi``; ``gì`` and ``gìn`` are g + i, g + in."""
_TONES = {"\u0300": "huyền", "\u0301": "sắc", "\u0303": "ngã", "\u0309": "hỏi", "\u0323": "nặng"}
_VOWELS = frozenset("aăâeêioôơuưy")
_MARKED = frozenset("ăâêôơư")
_STOPS = ("ch", "c", "p", "t")
_LONGEST = 7
"""Letters of ``nghiêng``, the longest syllable."""


@lru_cache(maxsize=8192)
def is_syllable(word: str) -> bool:
    """Whether a word, in any case and Unicode form, can be one Vietnamese syllable."""
    bare, tone, place = _without_tone(word)
    if not bare or len(bare) > _LONGEST:
        return False
    return any(
        _fits(onset, bare[len(onset) :], tone, place - len(onset))
        for onset in ("", *_ONSETS)
        if bare.startswith(onset)
    )


def _without_tone(word: str) -> tuple[str, str, int]:
    """Letters without the tone, the tone, and which letter carried it (-1 for none).

    All empty when the word has two tones or a letter that is not Vietnamese.
    """
    bare, tone, place = "", "", -1
    for letter in unicodedata.normalize("NFC", word).casefold():
        parts = unicodedata.normalize("NFD", letter)
        tones = [mark for mark in parts if mark in _TONES]
        base = unicodedata.normalize("NFC", "".join(m for m in parts if m not in _TONES))
        if len(tones) > 1 or (tones and tone):
            return "", "", -1
        if tones:
            tone, place = _TONES[tones[0]], len(bare)
        bare += base
    return bare, tone, place


def _fits(onset: str, rhyme: str, tone: str, place: int) -> bool:
    known = rhyme in _KNOWN
    if onset == "qu":
        known = rhyme in _AFTER_QU
    elif onset == "gi":
        known = (known and rhyme[0] not in "iy") or rhyme in _AFTER_GI
    elif onset in ("c", "g", "ng"):
        known = known and (rhyme[0] not in "eêiy" or (onset == "g" and rhyme[0] == "i"))
    elif onset in ("k", "gh", "ngh"):
        known = known and rhyme[0] in "eêiy"
    if not known:
        return False
    if rhyme.endswith(_STOPS) and tone not in ("sắc", "nặng"):
        return False
    return not tone or place in _places(rhyme)


@lru_cache(maxsize=512)
def _places(rhyme: str) -> tuple[int, ...]:
    """Letters of a rhyme that may carry the tone; ``hòa`` and ``hoà`` are both in use."""
    vowels = [index for index, letter in enumerate(rhyme) if letter in _VOWELS]
    marked = [index for index in vowels if rhyme[index] in _MARKED]
    if marked:
        return (marked[-1],)
    if len(vowels) == 1:
        return (vowels[0],)
    if len(vowels) == 3:
        return (vowels[1],)
    if vowels[-1] < len(rhyme) - 1:
        return (vowels[-1],)
    return tuple(vowels) if rhyme in ("oa", "oe", "uy") else (vowels[0],)
