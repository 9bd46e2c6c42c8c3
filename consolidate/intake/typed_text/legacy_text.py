"""Find and convert text typed in TCVN3 (ABC, fonts ``.VnTime``) or VNI (``VNI-Times``).

Such text reaches a workbook as the Latin-1 letters of its codes: ``Së Néi vô`` (TCVN3) and
``Sôû Noäi vuï`` (VNI) are both *Sở Nội vụ*. It is told from other text by its words: nearly all of
them are Vietnamese syllables once converted, and are not as they stand.

Sources of the codes: TCVN 5712:1993 (VN3) and the code page of the VNI fonts for Windows.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
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
_LONGEST_WORD = 7
"""Letters of ``nghiêng``, the longest syllable."""


@lru_cache(maxsize=8192)
def is_syllable(word: str) -> bool:
    """Tell whether a word, in any case and Unicode form, can be one Vietnamese syllable."""
    bare, tone, place = _without_tone(word)
    if not bare or len(bare) > _LONGEST_WORD:
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


TCVN3 = "tcvn3"
VNI = "vni"
KINDS = (TCVN3, VNI)

_TCVN3 = dict(
    zip(
        "¸µ¶·¹¨¾»¼½Æ©ÊÇÈÉË®ÐÌÎÏÑªÕÒÓÔÖÝ×ØÜÞãßáâä«èåæçé¬íêëìîóïñòô\u00adøõö÷ùýúûüþ¡¢§£¤¥¦",
        "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵĂÂĐÊÔƠƯ",
        strict=True,
    )
)
_VNI_ALONE = dict(zip("íìæóòôöîñÍÌÆÓÒÔÖÎÑ", "íìỉĩịơưỵđÍÌỈĨỊƠƯỴĐ", strict=True))
_VNI_TONES = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
_VNI_ROOF = dict(zip("âáàåãä", ("", *_VNI_TONES.values()), strict=True))
_VNI_BREVE = dict(zip("êéèúüë", ("", *_VNI_TONES.values()), strict=True))


def _vni_pairs() -> dict[str, str]:
    pairs: dict[str, str] = {}
    roof = {mark: f"\u0302{tone}" for mark, tone in _VNI_ROOF.items()}
    breve = {mark: f"\u0306{tone}" for mark, tone in _VNI_BREVE.items()}
    for base, marks in (
        *((letter, _VNI_TONES) for letter in "aeouyôö"),
        *((letter, roof) for letter in "aeo"),
        ("a", breve),
    ):
        letter = _VNI_ALONE.get(base, base)
        for mark, accents in marks.items():
            found = unicodedata.normalize("NFC", letter + accents)
            pairs[base + mark] = found
            # A capital letter is typed with either form of its mark.
            pairs[base.upper() + mark.upper()] = pairs[base.upper() + mark] = found.upper()
    del pairs["yï"], pairs["Yï"], pairs["YÏ"]
    return pairs


_VNI = {**_vni_pairs(), **_VNI_ALONE}
_VNI_PIECE = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))
_TCVN3_LETTERS = str.maketrans(_TCVN3)
_SUSPICIOUS = re.compile(
    "[¡-®µ-¹»-¾ÄÅÆÇËÎÏÐÑÖ×ØÛÜÞßäåæçëîïðñö÷øûüþ]"
    "|[a-zà-ÿ][ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ]"
    "|[aA][ùõâáàãêéèúÙÕÂÁÀÃÊÉÈÚ]|[eE][ùõâáàãÙÕÂÁÀÃ]|[oO][ùõâÙÕÂ]|[uUyYôÔ][ùõÙÕ]"
)
"""Letters and pairs of letters that Vietnamese text in Unicode does not have."""
UNICODE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9\u0300\u0301\u0303\u0309\u0323]")
"""Letters that only text in Unicode has."""
_WORD = re.compile("[A-Za-z\u00a1-\u00ff]+")
_CAPITALS = re.compile("[A-Z]\\S*[A-Z]")
_SMALL = re.compile("[a-z]")
_FONT_KINDS = ((".vn", TCVN3), ("vni-", VNI))
_LONGEST = 4000
"""Characters of a text that is looked at: no answer is longer."""
_NEARLY, _HALF = 0.9, 0.5
_TELLING = 3
"""Letters of a word that tells its encoding without a second one."""


@dataclass(frozen=True, slots=True)
class Legacy:
    """A text in Unicode, and the encoding it was typed in: ``tcvn3``, ``vni`` or ``""``."""

    text: str
    kind: str = ""


def suspicious(text: str) -> bool:
    """Tell whether a text may be in an old encoding: it has what Vietnamese in Unicode has not."""
    return _SUSPICIOUS.search(text) is not None


def kind_of_font(font: str) -> str:
    """Return the encoding that a font is made for, by its name; ``""`` for a Unicode font."""
    folded = font.strip().casefold()
    return next((kind for start, kind in _FONT_KINDS if folded.startswith(start)), "")


def legacy(text: str, hint: str = "") -> Legacy:
    """Convert a text that is in an old encoding; any other stays as it is.

    ``hint`` is an encoding or the name of a font, for a text that is known to be typed in it: then
    words are converted that could be either (``Cã``), unless conversion makes no syllables of them.
    Text typed in a capital font (``.VnTimeH``) is in capitals. Without a hint a text is converted
    only when its words say so, and converting the result again changes nothing.
    """
    if text.isascii() or len(text) > _LONGEST:
        return Legacy(text)
    given = hint if hint in KINDS else kind_of_font(hint)
    composed = unicodedata.normalize("NFC", text)
    if UNICODE.search(text) or UNICODE.search(composed):
        if not given:
            return Legacy(text)
        # Between words in Unicode only those are converted that cannot stay.
        mixed = _WORD_OR_UNICODE.sub(lambda match: _mixed(match.group(), given), composed)
        return Legacy(mixed, given) if mixed != composed else Legacy(text)
    if not given and not suspicious(composed):
        return Legacy(text)
    # Signs between words, such as a middle dot, are none.
    words = [
        word
        for word in _WORD.findall(composed)
        if not word.isascii() and (len(word) > 1 or word.isalpha())
    ]
    if not words:
        return Legacy(text)
    shares = {
        kind: _share([_convert(word, kind) for word in words])
        for kind in ((given,) if given else KINDS)
    }
    kind = max(shares, key=shares.__getitem__)
    if shares[kind] < _NEARLY:
        return Legacy(text)
    if not given and (min(shares.values()) == shares[kind] or not _clear(words, kind)):
        return Legacy(text)
    converted = _OLD_WORD.sub(lambda match: _best(match.group(), kind), composed)
    if _in_capitals(composed, hint):
        converted = converted.upper()
    return Legacy(converted, kind) if converted != composed else Legacy(text)


def _clear(words: list[str], kind: str) -> bool:
    """Whether the words cannot stay as they are, and enough of them says so."""
    if _share(words) > _HALF:
        return False
    return len(words) > 1 or len(_convert(words[0], kind)) >= _TELLING


def _share(words: list[str]) -> float:
    """Share of the words that are Vietnamese syllables from their first letter to the last."""
    return sum(map(is_syllable, words)) / len(words)


_WORD_OR_UNICODE = re.compile("[A-Za-z\u00a1-\u00ff\u0100-\u024f\u0300-\u036f\u1e00-\u1eff]+")


def _mixed(word: str, kind: str) -> str:
    if len(word) < 2 or UNICODE.search(word) or not suspicious(word) or is_syllable(word):
        return word
    converted = _convert(word, kind)
    return converted if is_syllable(converted) else word


_OLD_WORD = re.compile("[A-Za-z\u00a1-\u00ff\u03bc]+")


def _best(word: str, kind: str) -> str:
    """Convert a word, unless it is a syllable and would be none after conversion (``PHÉP``)."""
    converted = _convert(word, kind)
    return word if is_syllable(word) and not is_syllable(converted) else converted


def _convert(text: str, kind: str) -> str:
    if kind == VNI:
        return _VNI_PIECE.sub(lambda match: _VNI[match.group()], text)
    return text.replace("\u03bc", "µ").translate(_TCVN3_LETTERS)


def _in_capitals(text: str, font: str) -> bool:
    """Whether TCVN3 letters, which know no capitals but seven, are meant as capitals."""
    if kind_of_font(font) == TCVN3 and font.strip().casefold().endswith("h"):
        return True
    return _CAPITALS.search(text) is not None and _SMALL.search(text) is None
