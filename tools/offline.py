"""Runs a command where there is no network, and counts what it tried to reach all the same.

The command gets a network namespace of its own with nothing in it but the loopback. The kernel
counts each packet for which it found no route, of every program below the command. One more
than none, and this ends with 3.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

NEW_USER, NEW_NET = 0x10000000, 0x40000000
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 0x1
REQUEST = "16sh14x"
SET_ADDRESS, PROBE = 0x8916, "2001:4860:4860::8888"
"""Chromium connects a datagram socket to this address, and sends nothing, to see whether IPv6
leads anywhere: https://chromium.googlesource.com/chromium/src/+/main/net/dns/host_resolver_manager.cc
The loopback takes the address, so that the tests' own browser is not counted."""
ATTEMPTED, NOT_PERMITTED = 3, 4


def main() -> int:
    """The command's own status, or 3 when it tried to leave, or 4 without a namespace."""
    parser = argparse.ArgumentParser(prog="python -m tools.offline", description=__doc__)
    parser.add_argument("--if-permitted", action="store_true", help="else run it as it is")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    command = [one for one in asked.command if one != "--"]
    if problem := enter():
        print(f"── no network namespace here ({problem}):", end=" ", flush=True)
        if not asked.if_permitted:
            print("nothing was run. Be root, or let users make namespaces.")
            return NOT_PERMITTED
        print("running with the machine's network; attempts to leave are not counted")
        return subprocess.run(command, check=False).returncode
    print("── running in a network namespace that leads nowhere", flush=True)
    status = subprocess.run(command, check=False).returncode
    tried = unroutable()
    print(f"── attempts to reach something outside: {tried}", flush=True)
    return status or (ATTEMPTED if tried else 0)


def enter() -> str:
    """Moves this process into a namespace with only the loopback; what hindered it, or ""."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(NEW_NET) != 0:
        if libc.unshare(NEW_USER | NEW_NET) != 0:
            return os.strerror(ctypes.get_errno())
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        asked = struct.pack(REQUEST, b"lo", 0)
        _, flags = struct.unpack(REQUEST, fcntl.ioctl(control, GET_FLAGS, asked))
        fcntl.ioctl(control, SET_FLAGS, struct.pack(REQUEST, b"lo", flags | UP))
    _answer_probe()
    return ""


def _answer_probe() -> None:
    if not socket.has_ipv6:
        return
    probe = socket.inet_pton(socket.AF_INET6, PROBE)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
        asked = struct.pack("16sIi", probe, 128, socket.if_nametoindex("lo"))
        fcntl.ioctl(control, SET_ADDRESS, asked)


def unroutable() -> int:
    """How many packets of this namespace the kernel had no route for, IPv4 and IPv6."""
    names, values = (
        line.split()
        for line in Path("/proc/net/snmp").read_text().splitlines()
        if line.startswith("Ip:")
    )
    six = dict(line.split() for line in Path("/proc/net/snmp6").read_text().splitlines())
    four = dict(zip(names, values, strict=True))
    return int(four["OutNoRoutes"]) + int(six["Ip6OutNoRoutes"])


if __name__ == "__main__":
    sys.exit(main())
