"""Messages in disguise made plain again, so that they are ruled by what they say.

Spelling games (`1gn0r3`, `i g n o r e`) are undone in place. Encodings (base64, hexadecimal,
percent signs, rot13, words written backwards) are read beside the message: what stands in them
counts too. A text is taken for disguised only where its plain form is made of known words.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Container, Iterator
from urllib.parse import unquote_plus

from assistant.phrases import tokens

_LEET = str.maketrans("013457@$!", "oieastasi")
_LONGEST = 4_000  # characters; a longer message is taken as it is
_MIXED = re.compile(
    r"\b(?=[a-z013457]{0,20}[a-z])(?=[a-z013457]{0,20}[013457])[a-z013457]{2,24}\b"
    r"|\b[a-z0-9]{1,12}[@$!]{1,2}[a-z0-9]{1,12}\b",
    re.IGNORECASE,
)
_SPACED = re.compile(r"(?<!\w)(?:[A-Za-zÁÉÍÓÚÑáéíóúñ] {1,3}){4,}[A-Za-zÁÉÍÓÚÑáéíóúñ](?!\w)")
_BLOB = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[ :]?){8,}")
_PERCENT = re.compile(r"[\w.+-]{0,80}(?:%[0-9a-fA-F]{2}[\w.+-]{0,80}){3,}")
_PARTS = re.compile(r"[:.;\n\"“”«»<>|]+|->|<-")
_DISGUISED = 3  # words that must come out of a disguise
_KNOWN = 0.6  # share of known words from which a text is plain
_GAIN = 0.3  # by which a disguise must lie below that


def plain(text: str, known: Container[str]) -> str:
    """`text` with figures for letters and letters set apart undone, where words come out."""
    text = _SPACED.sub(lambda m: _joined(m[0], known), text)
    found = {m[0]: m[0].translate(_LEET) for m in _MIXED.finditer(text)}
    words = {old: new for old, new in found.items() if _are_words(new, known)}
    if len(words) < _DISGUISED:
        return text
    text = _MIXED.sub(lambda m: words.get(m[0], m[0]), text)
    return re.sub(r"\b1\b", "i", text)


def revealed(text: str, known: Container[str]) -> str:
    """`text` made plain, with what stands encoded in it put in its place."""
    if len(text) > _LONGEST:
        return text
    text = plain(text, known)
    for part, decoded in hidden(text, known):
        text = text.replace(part, decoded)
    return text


def hidden(text: str, known: Container[str]) -> tuple[tuple[str, str], ...]:
    """What stands encoded in `text`: each part with its plain text; empty where nothing does."""
    found = [*_blobs(text, known)]
    for part in dict.fromkeys((text.strip(), *(p.strip() for p in _PARTS.split(text)))):
        share = _share(part, known)
        if share > _KNOWN - _GAIN or any(part in done for done, _ in found):
            continue
        for turned in (part[::-1], codecs.encode(part, "rot13")):
            if _is_plain(turned, known):
                found.append((part, turned))
    return tuple(found)


def _joined(letters: str, known: Container[str]) -> str:
    """Words of letters set apart, if half of them are known."""
    said = [word.replace(" ", "") for word in re.split(r" {2,}", letters)]
    real = sum(word.casefold() in known or len(word) < _DISGUISED for word in said)
    return " ".join(said) if 2 * real >= len(said) else letters


def _blobs(text: str, known: Container[str]) -> Iterator[tuple[str, str]]:
    for blob in _BLOB.findall(text):
        other = b"-_" if set(blob) & {"-", "_"} else None
        yield from _decoded(blob, lambda b: base64.b64decode(b + "=" * (-len(b) % 4), other), known)  # noqa: B023
    for blob in _HEX.findall(text):
        yield from _decoded(blob, lambda b: bytes.fromhex(re.sub(r"[ :]", "", b)), known)
    for blob in _PERCENT.findall(text):
        yield from _decoded(blob, lambda b: unquote_plus(b).encode(), known)


def _decoded(
    blob: str, decode: Callable[[str], bytes], known: Container[str]
) -> Iterator[tuple[str, str]]:
    try:
        text = decode(blob).decode("utf-8")
    except (binascii.Error, ValueError):
        return
    if text.isprintable() and _is_plain(text, known):
        yield blob, text


def _is_plain(text: str, known: Container[str]) -> bool:
    words = sum(len(w) > 2 and w in known for w in tokens(text))
    return words >= _DISGUISED and _share(text, known) >= _KNOWN


def _share(text: str, known: Container[str]) -> float:
    """Of the words of three letters and more, the share that is known."""
    words = [w for w in tokens(text) if len(w) > 2]
    return sum(w in known for w in words) / len(words) if words else 0.0


def _are_words(text: str, known: Container[str]) -> bool:
    words = tokens(text)
    return bool(words) and all(w in known for w in words)
