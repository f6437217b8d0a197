"""In a guarded process no library reaches anything that was not announced.

Each attempt is made in a process of its own, because Python removes no audit hook.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

START = """
import socket
from countersign.ground.egress import GUARD, Egress, HookRefused, places
told = []
GUARD.listen(lambda place, module: told.append((place, module)))
GUARD.arm(["db.hospital"], [("10.1.2.3", 5432)], ["/tmp/the-database"])
"""


def _guarded(program: str) -> str:
    """What the program prints in a guarded process."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", START + textwrap.dedent(program)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


ATTEMPTS = {
    "a socket": "socket.create_connection(('192.0.2.1', 80), 1)",
    "connect_ex": "socket.socket().connect_ex(('192.0.2.1', 80))",
    "a datagram": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    "a message": "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('192.0.2.1', 53))",
    "IPv6": "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))",
    "a name": "socket.getaddrinfo('example.org', 80)",
    "an old look-up": "socket.gethostbyname('example.org')",
    "an address's name": "socket.gethostbyaddr('192.0.2.1')",
    "a reverse look-up": "socket.getnameinfo(('192.0.2.1', 80), 0)",
    "another program of this machine": "socket.create_connection(('127.0.0.1', 9), 1)",
    "its Unix socket": "socket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
    "urllib": "import urllib.request; urllib.request.urlopen('http://192.0.2.1/')",
    "httpx": "import httpx; httpx.get('http://192.0.2.1/')",
    "smtplib": "import smtplib; smtplib.SMTP('mail.example.org')",
    "syslog": "import logging.handlers as h; h.SysLogHandler(('192.0.2.1', 514)).emit("
    "__import__('logging').makeLogRecord({'msg': 'x'}))",
    "asyncio": "import asyncio; asyncio.run(asyncio.open_connection('192.0.2.1', 80))",
    "asyncio by name": "import asyncio; asyncio.run(asyncio.open_connection('example.org', 80))",
    "uvloop": "import asyncio; from countersign.ground.egress.loop import guarded_loop; "
    "asyncio.Runner(loop_factory=guarded_loop).run(asyncio.open_connection('192.0.2.1', 80))",
    "uvloop by name": "import asyncio; from countersign.ground.egress.loop import guarded_loop; "
    "asyncio.Runner(loop_factory=guarded_loop).run(asyncio.open_connection('example.org', 80))",
}


@pytest.mark.parametrize("library", ATTEMPTS)
def test_every_library_is_stopped_and_reported(library: str) -> None:
    said = _guarded(f"""
        import logging; logging.raiseExceptions = False
        try:
            {ATTEMPTS[library]}
        except HookRefused as problem:
            print(problem.code)
        except Exception as problem:
            assert GUARD.refusals, problem  # a library put it in words of its own
            print("egress.hook_refused")
        else:
            print("egress.hook_refused" if {library == "syslog"} else "it passed")
        assert len(told) >= 1 and told[0][0] and told[0][1] != "?", told
    """)
    assert said == "egress.hook_refused"


def test_it_is_said_which_module_wanted_where() -> None:
    assert (
        _guarded("""
        try:
            socket.create_connection(("192.0.2.1", 80))
        except HookRefused as problem:
            print(told, problem.sentence())
        """)
        == "[('192.0.2.1:80', '__main__')] A part of the program tried to reach 192.0.2.1:80 by "
        "itself. It was stopped and recorded, because nothing may leave this machine except by "
        "the list of COUNTERSIGN_EGRESS. Tell IT."
    )


def test_what_is_needed_goes_on_working() -> None:
    assert (
        _guarded("""
        import asyncio, http.server, socketserver, threading
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        socket.create_connection(("127.0.0.1", port), 5).close()  # a socket of its own
        socket.socketpair()[0].close()
        socket.getaddrinfo("127.0.0.1", 80), socket.getaddrinfo(None, 80)
        GUARD.looks_up("db.hospital"); GUARD.connects(None, ("10.1.2.3", 5432))
        GUARD.connects(None, "/tmp/the-database/.s.PGSQL.5432")
        async def listen():
            server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.close()
            await writer.wait_closed()
            server.close()
        asyncio.run(listen())
        assert not told, told
        print("yes")
        """)
        == "yes"
    )


def test_egress_passes_and_only_where_its_own_thread_announced_it() -> None:
    assert (
        _guarded("""
        import http.server, subprocess, sys, threading
        other = subprocess.Popen(
            [sys.executable, "-u", "-c", '''if True:
                import http.server
                handler = http.server.BaseHTTPRequestHandler
                server = http.server.HTTPServer(("127.0.0.1", 0), handler)
                print(server.server_address[1])
                server.handle_request()'''], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        port = int(other.stdout.readline())
        with GUARD.connecting("127.0.0.1", port):
            thread = threading.Thread(target=lambda: GUARD.connects(None, ("127.0.0.1", port)))
            threading.excepthook = lambda given: None
            thread.start(); thread.join()
        assert [place for place, _ in told] == [f"127.0.0.1:{port}"], told
        egress = Egress(places(["localhost"]))
        print(egress.request("GET", f"http://localhost:{port}/").status)
        other.wait(); other.stdout.close(); egress.close()
        assert len(told) == 1, told
        """)
        == "501"
    )


def test_a_process_that_computes_is_guarded_too_and_its_refusals_come_back() -> None:
    assert (
        _guarded("""
        from countersign.ground.jobs import LocalPool
        pool = LocalPool(1)
        try:
            list(pool.map(socket.gethostbyname, ["example.org"]))
        except HookRefused as problem:
            print(problem.code)
        pool.close()
        print([place for place, module in told])
        """)
        == "egress.hook_refused\n['example.org']"
    )


def test_refusals_of_before_are_told_to_who_listens_later() -> None:
    assert (
        _guarded("""
        GUARD.listen(None)
        for _ in range(2):
            try:
                socket.create_connection(("192.0.2.1", 80))
            except HookRefused:
                pass
        assert told == []
        GUARD.listen(lambda place, module: told.append(place))
        print(told, GUARD.refusals)
        """)
        == "['192.0.2.1:80', '192.0.2.1:80'] 2"
    )
