"""Texts that only this application can read (Fernet tokens), and blind indexes by which equal ones are found.

Encryption is Fernet (AES-128-CBC, then HMAC-SHA256) under `FIELD_ENCRYPTION_KEYS`: the first key writes, all of them
read. A blind index is an HMAC of the normalised value under `BLIND_INDEX_KEY`, which key rotation does not touch.
See docs/adr/0004-encryption.md.
"""

import base64
import hmac
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# A token (github.com/fernet/spec): version, time (8 bytes), IV, ciphertext, HMAC of all that, in urlsafe base64.
VERSION = b"\x80"
HEADER = 9
BLOCK = 16
TAG = 32
PADDINGS = [bytes([length]) * length for length in range(BLOCK + 1)]  # PKCS #7, RFC 5652 section 6.3


class DecryptionError(Exception):
    """A stored value cannot be read with any of `FIELD_ENCRYPTION_KEYS`, or was tampered with."""

    def __init__(self) -> None:
        super().__init__(
            "A stored value cannot be decrypted: FIELD_ENCRYPTION_KEYS lacks the key that wrote it, or it was altered."
        )


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys in their order: for whole tokens, and in their halves, one to sign (ready to copy), one to encrypt."""

    fernet: MultiFernet
    signing: tuple[HMAC, ...]
    encryption: tuple[bytes, ...]


@lru_cache(maxsize=4)
def _read_keys(keys: tuple[str, ...]) -> _Keys:
    try:
        fernet = MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(
            "FIELD_ENCRYPTION_KEYS must be one or more keys of 32 bytes in urlsafe base64, separated by commas "
            "(docs/configuration.md shows how to make one)."
        ) from error
    raw = [base64.urlsafe_b64decode(key) for key in keys]
    if len(set(raw)) < len(raw):
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS names a key twice: remove one of the two.")
    return _Keys(fernet, tuple(HMAC(key[:BLOCK], SHA256()) for key in raw), tuple(key[BLOCK:] for key in raw))


def _keys() -> _Keys:
    return _read_keys(tuple(settings.FIELD_ENCRYPTION_KEYS))


def encrypt(text: str) -> str:
    """Return `text` as a Fernet token (ASCII) under the first key."""
    return _keys().fernet.encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return the text in `token`. Raises DecryptionError when no key fits."""
    try:
        return _keys().fernet.decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise DecryptionError from error


def decrypt_many(tokens: Sequence[str]) -> list[str]:
    """Return the texts in `tokens`, in their order. Raises DecryptionError when one of them cannot be read.

    For lists: it takes a fraction of the time of a Fernet for each token, most of which goes into setting up a cipher.
    Here one pass of AES-CBC goes over all IVs and ciphertexts in a row. CBC mixes into each block only the ciphertext
    block before it, which at the beginning of a ciphertext is its own IV; what the IVs themselves become is skipped.

    It is as safe as Fernet, and accepts what Fernet accepts: no token is decrypted before its HMAC is verified
    (encrypt, then MAC), so that padding and length tell an attacker nothing.
    """
    keys = _keys()
    groups: list[list[tuple[int, bytes]]] = [[] for _ in keys.signing]
    for position, token in enumerate(tokens):
        number, body = _verified(token, keys.signing)
        groups[number].append((position, body))
    texts = [""] * len(tokens)
    for key, group in zip(keys.encryption, groups, strict=True):
        decryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(BLOCK))).decryptor()
        plain = decryptor.update(b"".join([body for _, body in group])) + decryptor.finalize()
        end = 0
        for position, body in group:
            start, end = end + BLOCK, end + len(body)
            texts[position] = _unpadded(plain[start:end]).decode()
    return texts


def encrypt_many(texts: Sequence[str]) -> list[str]:
    """Return `texts` as tokens under the first key, in their order, as `encrypt` gives them one by one.

    One pass of AES-CBC here, too: before each text goes a random block. What that becomes is as random, since AES is a
    permutation, and CBC mixes it into the text's first block: it is that text's IV (NIST SP 800-38A, appendix C).
    """
    keys = _keys()
    header = VERSION + int(time.time()).to_bytes(HEADER - 1, "big")
    encryptor = Cipher(algorithms.AES(keys.encryption[0]), modes.CBC(bytes(BLOCK))).encryptor()
    padded = [_padded(text.encode()) for text in texts]
    blocks = encryptor.update(b"".join([os.urandom(BLOCK) + text for text in padded])) + encryptor.finalize()
    tokens, end = [], 0
    for text in padded:
        start, end = end, end + BLOCK + len(text)
        signed = header + blocks[start:end]
        mac = keys.signing[0].copy()
        mac.update(signed)
        tokens.append(base64.urlsafe_b64encode(signed + mac.finalize()).decode())
    return tokens


def signers(tokens: Sequence[str]) -> list[int | None]:
    """Return which of the keys wrote each of `tokens` (0: the first); None where none of them did."""
    signing = _keys().signing
    found: list[int | None] = []
    for token in tokens:
        try:
            found.append(_verified(token, signing)[0])
        except DecryptionError:
            found.append(None)
    return found


def renew_many(tokens: Sequence[str]) -> list[str | None]:
    """Return what `tokens` hold as tokens under the first key, in their order; None where no key can read one."""
    try:
        return list(encrypt_many(decrypt_many(tokens)))
    except DecryptionError:  # some of them: then one by one
        return [_renewed(token) for token in tokens]


def _renewed(token: str) -> str | None:
    try:
        return encrypt(decrypt(token))
    except DecryptionError:
        return None


def _verified(token: str, signing: Sequence[HMAC]) -> tuple[int, bytes]:
    """Return the number of the key that signed `token`, and its IV with its ciphertext: whole blocks, two or more."""
    try:
        data = base64.urlsafe_b64decode(token.encode())
    except ValueError as error:
        raise DecryptionError from error
    signed, tag = data[:-TAG], data[-TAG:]
    body = signed[HEADER:]
    if data[:1] == VERSION and len(body) >= 2 * BLOCK and len(body) % BLOCK == 0:
        for number, key in enumerate(signing):
            mac = key.copy()
            mac.update(signed)
            if hmac.compare_digest(mac.finalize(), tag):
                return number, body
    raise DecryptionError


def _padded(text: bytes) -> bytes:
    return text + PADDINGS[BLOCK - len(text) % BLOCK]


def _unpadded(blocks: bytes) -> bytes:
    """Return `blocks` without their padding. Raises DecryptionError when they have none."""
    length = blocks[-1]
    if 1 <= length <= BLOCK and blocks.endswith(PADDINGS[length]):
        return blocks[:-length]
    raise DecryptionError


def blind_index(value: str) -> str:
    """Return the HMAC-SHA256 of a normalised value under `BLIND_INDEX_KEY`: 64 hexadecimal digits."""
    return hmac.digest(settings.BLIND_INDEX_KEY.encode(), value.encode(), "sha256").hex()
