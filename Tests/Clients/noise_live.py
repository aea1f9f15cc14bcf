"""A Noise XX exchange with the node's own implementation, on the loopback address.

Uses the package `noiseprotocol`. Each message is preceded by its length, two bytes big-endian.
The handshake payloads are empty. Then the initiator sends messages and the responder returns each;
after the message `rekey` both directions use new keys. At the end `hash HEX` is printed, which must
be the line the other side prints.

    noise_live.py --role initiator --port 40001
    noise_live.py --role responder --port 0         prints `port N` first
"""

import argparse
import os
import socket
import struct

from noise.connection import Keypair, NoiseConnection

NAME = b"Noise_XX_25519_ChaChaPoly_SHA256"
PROLOGUE = b"peer-agent/1\x00main"
MESSAGES = [b"", b"hello", bytes([7]) * (65535 - 16), b"rekey", b"after"]


class Link:
    """Length-prefixed messages on a socket."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def send(self, message: bytes) -> None:
        self.connection.sendall(struct.pack(">H", len(message)) + message)

    def receive(self) -> bytes | None:
        head = self._exactly(2)
        return None if head is None else self._exactly(struct.unpack(">H", head)[0])

    def _exactly(self, count: int) -> bytes | None:
        data = b""
        while len(data) < count:
            part = self.connection.recv(count - len(data))
            if not part:
                return None
            data += part
        return data


def noise(is_initiator: bool) -> NoiseConnection:
    connection = NoiseConnection.from_name(NAME)
    if is_initiator:
        connection.set_as_initiator()
    else:
        connection.set_as_responder()
    connection.set_prologue(PROLOGUE)
    # A static key of this run; any 32 bytes are a key.
    connection.set_keypair_from_private_bytes(Keypair.STATIC, os.urandom(32))
    connection.start_handshake()
    return connection


def handshake(link: Link, is_initiator: bool) -> NoiseConnection:
    session = noise(is_initiator)
    is_ours = is_initiator
    while not session.handshake_finished:
        if is_ours:
            link.send(bytes(session.write_message()))
        else:
            message = link.receive()
            assert message is not None, "closed during the handshake"
            assert bytes(session.read_message(message)) == b"", "a payload nobody expects"
        is_ours = not is_ours
    return session


def rekey(session: NoiseConnection) -> None:
    session.rekey_inbound_cipher()
    session.rekey_outbound_cipher()


def initiator(port: int) -> NoiseConnection:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        link = Link(connection)
        session = handshake(link, True)
        for message in MESSAGES:
            link.send(bytes(session.encrypt(message)))
            answer = link.receive()
            assert answer is not None, "closed instead of answering"
            assert bytes(session.decrypt(answer)) == message, "another answer"
            if message == b"rekey":
                rekey(session)
        return session


def responder(port: int) -> NoiseConnection:
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.settimeout(10)
        print("port", listener.getsockname()[1], flush=True)
        connection, _ = listener.accept()
    with connection:
        connection.settimeout(10)
        link = Link(connection)
        session = handshake(link, False)
        count = 0
        while (message := link.receive()) is not None:
            plain = bytes(session.decrypt(message))
            link.send(bytes(session.encrypt(plain)))
            count += 1
            if plain == b"rekey":
                rekey(session)
        assert count == len(MESSAGES), f"{count} messages"
        return session


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--role", choices=["initiator", "responder"], required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    run = initiator if arguments.role == "initiator" else responder
    session = run(arguments.port)
    print("hash", session.get_handshake_hash().hex(), flush=True)


if __name__ == "__main__":
    main()
