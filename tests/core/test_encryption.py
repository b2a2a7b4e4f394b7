"""Reading many tokens at once gives what Fernet gives for each of them, and refuses what Fernet refuses."""

import base64
import hashlib
import hmac
import os

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from core.encryption import DecryptionError, blind_index, decrypt, decrypt_many, encrypt

KEYS = st.binary(min_size=32, max_size=32).map(lambda raw: base64.urlsafe_b64encode(raw).decode())
TEXTS = st.text(max_size=120)
URLSAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="


def outcome(read, token: str) -> str | type[Exception]:
    try:
        return read(token)
    except DecryptionError:
        return DecryptionError


def one_by_decrypt_many(token: str) -> str:
    (text,) = decrypt_many([token])
    return text


def key() -> str:
    return Fernet.generate_key().decode()


def signed(signing_key: bytes, data: bytes) -> str:
    return base64.urlsafe_b64encode(data + hmac.digest(signing_key, data, hashlib.sha256)).decode()


@settings(deadline=None)
@given(st.lists(KEYS, min_size=1, max_size=4, unique=True), st.lists(st.tuples(TEXTS, st.integers(0, 3)), max_size=12))
def test_any_texts_under_any_of_several_keys_come_out_in_their_order(keys, written) -> None:
    tokens = []
    for text, number in written:
        with override_settings(FIELD_ENCRYPTION_KEYS=[keys[number % len(keys)]]):
            tokens.append(encrypt(text))
    with override_settings(FIELD_ENCRYPTION_KEYS=keys):
        assert decrypt_many(tokens) == [text for text, _ in written] == [decrypt(token) for token in tokens]


@pytest.mark.parametrize("text", ["", "ada@example.com", "x" * 15, "x" * 16, "Zoë 🙂 李"])
def test_a_token_altered_at_any_place_is_refused_where_fernet_refuses_it(text) -> None:
    token = encrypt(text)
    for place, character in enumerate(token):
        for other in {"A", "_", "=", "!", URLSAFE[(URLSAFE.index(character) + 1) % len(URLSAFE)]} - {character}:
            altered = token[:place] + other + token[place + 1 :]
            assert outcome(one_by_decrypt_many, altered) == outcome(decrypt, altered), (place, other)


@pytest.mark.parametrize("place", [0, 1, 8, 9, 24, 25, 40, -33, -32, -1])
def test_a_bit_turned_anywhere_in_the_token_is_refused(place) -> None:
    data = bytearray(base64.urlsafe_b64decode(encrypt("ada@example.com and more than a block")))
    data[place] ^= 1
    with pytest.raises(DecryptionError):
        decrypt_many([base64.urlsafe_b64encode(data).decode()])


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(URLSAFE), st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode())))
def test_what_is_no_token_is_refused(text) -> None:
    with pytest.raises(DecryptionError):
        decrypt_many([text])


def test_a_token_cut_short_is_refused() -> None:
    token = encrypt("ada@example.com")
    for length in range(len(token)):
        with pytest.raises(DecryptionError):
            decrypt_many([token[:length]])


def test_one_bad_token_among_good_ones_is_refused() -> None:
    tokens = [encrypt("a"), encrypt("b"), encrypt("c")]
    with override_settings(FIELD_ENCRYPTION_KEYS=[key()]):
        tokens[1] = encrypt("b")
    with pytest.raises(DecryptionError, match="FIELD_ENCRYPTION_KEYS"):
        decrypt_many(tokens)


@pytest.mark.parametrize(
    "plain",
    [
        b"",  # no block at all
        b"ada" + bytes(13),  # a padding of length 0
        b"a" * 15 + b"\x11",  # longer than a block
        b"a" * 13 + b"\x02\x03\x03",  # not all alike
        b"a" * 16 + b"\x20" * 16,  # would reach beyond this ciphertext
    ],
)
def test_authentic_tokens_with_a_padding_that_is_none_are_refused(plain) -> None:
    secret = os.urandom(32)
    encryptor = Cipher(algorithms.AES(secret[16:]), modes.CBC(bytes(16))).encryptor()
    token = signed(secret[:16], b"\x80" + bytes(8) + bytes(16) + encryptor.update(plain))
    with override_settings(FIELD_ENCRYPTION_KEYS=[base64.urlsafe_b64encode(secret).decode()]):
        for tokens in ([token], [encrypt("before"), token, encrypt("behind")]):
            with pytest.raises(DecryptionError):
                decrypt_many(tokens)


@pytest.mark.parametrize("data", [b"\x80" + bytes(8 + 16 + 15), b"\x81" + bytes(8 + 16 + 16), b""])
def test_authentic_tokens_of_another_form_are_refused(data) -> None:
    secret = os.urandom(32)
    keys = override_settings(FIELD_ENCRYPTION_KEYS=[base64.urlsafe_b64encode(secret).decode()])
    with keys, pytest.raises(DecryptionError):
        decrypt_many([signed(secret[:16], data)])


def test_no_tokens_are_no_texts() -> None:
    assert decrypt_many([]) == []


def test_a_blind_index_is_the_hmac_under_its_own_key() -> None:
    with override_settings(BLIND_INDEX_KEY="k"):
        assert blind_index("é") == hmac.new(b"k", "é".encode(), hashlib.sha256).hexdigest()
