"""A network of its own for what is measured: only loopback, whatever the other programs try."""

import ctypes
import fcntl
import os
import socket
import struct

NEW_USER, NEW_NET = 0x10000000, 0x40000000
GET_FLAGS, SET_FLAGS, SET_ADDRESS, UP = 0x8913, 0x8914, 0x8916, 0x1
# One more address of this network, of those that documents use. Nodes tell nobody who comes from
# there where on the machine itself they listen, so that a proxy stays the only way to them.
AWAY = "192.0.2.1"


def enter():
    """Leaves the machine's network for one with loopback alone.

    Returns whether it could; without the right to do so everything runs on the machine's network,
    still on loopback addresses as far as it depends on this program.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(NEW_NET) != 0:
        if libc.unshare(NEW_USER | NEW_NET) != 0:
            return False
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{user} {user} 1")
        write("/proc/self/gid_map", f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack_from("h", fcntl.ioctl(asked, GET_FLAGS, request), 16)[0]
        fcntl.ioctl(asked, SET_FLAGS, struct.pack("16sh14x", b"lo", flags | UP))
        fcntl.ioctl(asked, SET_ADDRESS, struct.pack(
            "16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(AWAY)))
    return True


def has_away():
    """Whether this process lives in such a network."""
    try:
        with socket.create_server((AWAY, 0)):
            return True
    except OSError:
        return False


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
