"""What checking signatures alone costs here, by the library that our nodes use."""

import ctypes
import ctypes.util
import os
import time
from concurrent.futures import ThreadPoolExecutor

# About what an event with a text of eighty bytes takes.
MESSAGE_BYTES = 330


def seconds(count, cores):
    """Seconds that checking `count` Ed25519 signatures takes on that many cores."""
    sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
    sodium.sodium_init()
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
    sodium.crypto_sign_keypair(public, secret)
    messages = [os.urandom(MESSAGE_BYTES) for _ in range(256)]
    signed = []
    for message in messages:
        signature = ctypes.create_string_buffer(64)
        sodium.crypto_sign_detached(
            signature, None, message, ctypes.c_ulonglong(len(message)), secret)
        signed.append((signature.raw, message, ctypes.c_ulonglong(len(message))))
    key = public.raw

    def work(share):
        # A call through ctypes lets the other threads run.
        verify = sodium.crypto_sign_verify_detached
        for number in range(share):
            signature, message, length = signed[number % len(signed)]
            if verify(signature, message, length, key) != 0:
                raise ValueError("a good signature was refused")

    with ThreadPoolExecutor(cores) as pool:
        start = time.perf_counter()
        for done in [pool.submit(work, count // cores) for _ in range(cores)]:
            done.result()
        return time.perf_counter() - start
