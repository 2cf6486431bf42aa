"""Logs for tests: fixed lines, and a seeded generator of odd ones."""

from __future__ import annotations

import random

#: Three good lines: 200, 404 without a size, 503.
COMBINED = b"""\
192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 200 512 "-" "curl/8.9"
198.51.100.23 - - [05/Mar/2026:10:00:02 +0900] "GET /say/\\"hi\\" HTTP/2.0" 404 - "https://example.org/" "Agent \\"x\\""
203.0.113.9 - - [05/Mar/2026:23:59:59 +0000] "POST /api/v1/items HTTP/1.1" 503 17 "-" "-"
"""
#: A line that breaks off, and one whose size is no number of 64 bits.
TRUNCATED = b'192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a\n'
BAD_SIZE = b'192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /b HTTP/1.1" 200 99999999999999999999 "-" "-"\n'

_HOSTS = ["192.0.2.7", "2001:db8::5", "example.org", "203.0.113.9", "-"]
_PATHS = ["/", "/a?b=1", "/api/v1/items", "/%E6%9C%88", '/say/\\"hi\\"', "/x y", "/\\xe6\\x9c\\x88", "/" + "long/" * 60]
_AGENTS = ["-", "curl/8.9", "Mozilla/5.0 (X11; Linux x86_64)", "<script>alert(1)</script>", "a\\tb", "月", ""]
_REQUESTS = ["GET {} HTTP/1.1", "POST {} HTTP/2.0", "HEAD {} HTTP/1.0", "GET {}", "-", "", "\\x16\\x03\\x01\\x02"]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def line(rng: random.Random) -> bytes:
    """A line that Apache could have written."""
    time = f"{rng.randint(1, 28):02}/{rng.choice(_MONTHS)}/{rng.randint(2001, 2037)}:{rng.randint(0, 23):02}:{rng.randint(0, 59):02}"
    time += f":{rng.randint(0, 59):02} {rng.choice(['+0000', '+0900', '-0330'])}"
    request = rng.choice(_REQUESTS).format(rng.choice(_PATHS))
    size = rng.choice(["-", "0", str(rng.randint(1, 10**6)), str(2**63 - 1)])
    status = rng.choice([200, 200, 200, 301, 304, 404, 500, 503])
    tail = f'"{rng.choice(["-", "https://example.org/?q=1", ""])}" "{rng.choice(_AGENTS)}"'
    user = rng.choice(["-", "ana", "ana maria"])
    return f'{rng.choice(_HOSTS)} - {user} [{time}] "{request}" {status} {size} {tail}'.encode()


def damaged(rng: random.Random, text: bytes) -> bytes:
    """The line with something wrong: cut, a byte changed or doubled, a wrong number, invalid UTF-8, not a line at all."""
    at = rng.randrange(len(text))
    other = bytes([rng.choice(b'"[] -\\x\x00\x1b\xff\t')])
    return rng.choice(
        [
            text[:at],
            text[:at] + other + text[at + 1 :],
            text[:at] + other + text[at:],
            text.replace(b" 200 ", b" 2OO "),
            text + b" and more",
            b"\xfe\xff" + text,
            b"# not a log line",
        ]
    )


def odd_log(seed: int, lines: int = 400, odd: float = 0.1) -> bytes:
    """A log with a share of damaged, blank and CRLF lines, whose last line may have no end."""
    rng = random.Random(seed)
    out = []
    for _ in range(lines):
        text = line(rng)
        if rng.random() < odd:
            text = rng.choice([damaged(rng, text), b"", damaged(rng, damaged(rng, text) or b"x")])
        out.append(text.replace(b"\n", b"") + rng.choice([b"\n", b"\n", b"\n", b"\r\n"]))
    log = b"".join(out)
    return log if seed % 2 else log.rstrip(b"\r\n")
