"""Names that people log in with: under a key that says so, and in addresses of networks where everybody has one."""

import re
from collections.abc import Iterator
from dataclasses import replace

from harness.detectors._context import IN_ARRAY, PLACEHOLDER, USERNAME_KEYS
from harness.detectors.base import WORD, Cue, Detector, Keyed, Match, Window
from harness.model import MaskRule

_KEYS = Keyed(
    rb"%b(?i:%b)|[a-z](?:UserName|Username|ScreenName|NickName|Nickname|LoginName|Login|Handle)"
    % (WORD, USERNAME_KEYS),
    rb"@?[A-Za-z0-9\xc3-\xed]",
    tail=rb"(?i:_?name)?[0-9]{0,2}%b" % IN_ARRAY,
)
_VALUE = re.compile(rb"@?(?P<value>(?:[A-Za-z0-9._\-]|[\xc3-\xdf][\x80-\xbf]|[\xe0-\xed][\x80-\xbf]{2}){2,40})")
_CLOSES = re.compile(rb"""[ ]{0,2}(?:\Z|[\x00-\x1f"'\\<|,;&}\])\x7f]|[.!?](?:[ \n]|\Z))""")
_SERVICES = frozenset(
    b"""root admin administrator system daemon nobody guest user users test tester anonymous default service
    postgres mysql oracle sa www www-data http nginx apache git svn ftp sshd mail postmaster webmaster info
    support sales backup operator bin sys sync jenkins docker ubuntu debian centos ec2-user pi vagrant ansible
    deploy app application server client shell mobile null none unknown undefined true false yes no on off
    required optional success failed failure error pending active inactive enabled disabled login logout signin
    signup email phone google facebook apple twitter password username string text value name handle nickname
    your_username session cookie oauth sso ldap basic bearer public private owner editor viewer member moderator
    superuser sysadmin dba readonly master""".split()
)
"""Accounts of machines, and what a field shows before it is filled in."""
_HEX = re.compile(rb"(?=[^a-z]*[0-9])[0-9a-fA-F\-]{16,}")
_CLASS = re.compile(
    rb"(?:com|org|net|io|android|java|ns)\.[\w.]+|[\w.]+\.(?:com|org|net|png|jpg|xml|html?|js|json|kt|java|php)"
)

_ADDRESS = re.compile(
    rb"(?i:(?<![A-Za-z])(?:twitter|x|instagram|github|gitlab|tiktok|t|telegram|facebook|linkedin|snapchat|medium|reddit|youtube|twitch"
    rb"|pinterest)\.(?:com|me|tv)/)(?i:@|in/|add/|u/|user/|c/)?(?P<value>[A-Za-z0-9_][A-Za-z0-9._\-]{2,38})"
    rb"(?![A-Za-z0-9._\-/@])"
    rb"|(?P<scheme>(?:ssh|s?ftp|postgres(?:ql)?|mysql|mongodb(?:\+srv)?)://)(?P<login>[A-Za-z0-9._\-]{2,40})(?::[^@/\s\"]{0,64})?@"
)
_PAGES = frozenset(
    b"""about home login signup help terms privacy legal jobs explore search share sharer intent settings watch
    channel company groups events hashtag developers blog press features pricing security contact policies
    dialog plugins tr status p reel reels stories sharer.php feed shorts embed results playlist""".split()
)


class Username(Detector):
    """A login name, a nickname or a handle.

    Confidence: 0.9 one word under a key that names it; 0.75 in the address of a profile of a network; 0.75 before the
    host of an address that is logged in to. Accounts of machines (`root`, `admin`), words that stand in for one,
    email addresses and identifiers in hex are none.
    """

    type = "USERNAME"
    title = "User name"
    cues = (
        _KEYS.cue(after=48),
        Cue(
            rb"(?i:(?:^|[^a-z])(?:twitter|instagram|github|gitlab|tiktok|telegram|facebook|linkedin|snapchat|medium|reddit|youtube|twitch"
            rb"|pinterest|x|t)\.(?:com|me|tv)/)",
            before=4,
            after=48,
        ),
        Cue(
            rb"(?:ssh|ftp|sql|resql|ongodb|srv)://[A-Za-z0-9._\-]{2,40}(?::[^@/ \t\r\n\"]{0,64})?@",
            before=112,
            after=4,
        ),
    )
    pattern = re.compile(rb"(?<![A-Za-z0-9._\-])[A-Za-z0-9\xc3-\xed][A-Za-z0-9._\-\x80-\xed]{1,39}")
    telling = rb"user_?name|\blogin\b|screen_?name|nick_?name|\bhandle\b"
    mask = MaskRule.EDGES
    reach = 48
    examples = (
        "username=jroe42",
        '{"user_name":"jane.roe"}',
        '<string name="screen_name">xoxo_jane</string>',
        "login: jroe42\n",
        '"db_user": "janeroe104",',
        "handle=@janeroe",
        'nickname\\":\\"jroe42\\"',
        "https://github.com/janeroe42",
        "see https://www.instagram.com/jane.roe42?hl=en",
        "ssh://jroe@host.example.org/repo",
        "benutzername=jroe",
        "用户名：wangxm88",
        "имя пользователя: иванова88",
        "last_username=jroe42",
    )
    counterexamples = (
        "username=root",
        "username=admin",
        "username=jane@example.org",
        "username=null",
        "username=${user}",
        "username=",
        '"username_required":"true"',
        "username_hint=Your name",
        "login=success",
        "https://github.com/about",
        "https://github.com/example/project",
        "https://example.org/jroe42",
        "handle=0x7fff5fbff8a0",
        "login_url=https",
        "handler=MainActivity",
        "username=3b2f1c9a7d5e4f60",
        "nick=com.example.app",
        "login: jroe tried again and again",
        'CREATE TABLE t ("email", "username", "location", "age")',
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """Values of keys first, then addresses."""
        wide = replace(window, start=max(window.floor, window.start - self.reach))
        limit = min(window.ceiling, window.end + self.reach)
        found: dict[int, Match] = {}
        for _, at in _KEYS.values(wide):
            value = _VALUE.match(window.buffer, at, window.ceiling)
            if value and _is_login(value["value"]) and _is_under(window, at, value):
                found[value.start("value")] = Match(*value.span("value"), 0.9, ("the key names a user name",))
        for each in _ADDRESS.finditer(window.buffer, wide.start, limit):
            group = "value" if each["value"] else "login"
            name = each[group].rstrip(b".-")
            if _is_login(name) and name.lower() not in _PAGES:
                why = (
                    "a profile in the address of a network" if each["value"] else "logs in to the host of an address"
                )
                start = each.start(group)
                found.setdefault(start, Match(start, start + len(name), 0.75, (why,)))
        for start in sorted(found):
            if window.start <= start < window.end:
                yield found[start]

    def normalise(self, value: bytes) -> bytes:
        """Lower case, without the sign before it."""
        return value.strip().lstrip(b"@").lower()


def _is_login(name: bytes) -> bool:
    lower = name.lower().strip(b"._-")
    if lower in _SERVICES or PLACEHOLDER.fullmatch(lower) or _HEX.fullmatch(name) or _CLASS.fullmatch(lower):
        return False
    return len(lower) > 1 and not lower.isdigit() and not lower.startswith(b"0x")


def _is_under(window: Window, at: int, value: re.Match[bytes]) -> bool:
    """All of a value, with more than a blank between it and its key."""
    before = bytes(window.buffer[max(window.floor, at - 12) : at])
    gap = re.findall(rb"[^A-Za-z0-9]*", before[::-1])[0]
    closes = _CLOSES.match(window.buffer, value.end(), window.ceiling) is not None
    is_next = b"," in gap and not re.search(rb"[:=>\x1f]", gap)  # a name behind a name, as in a list of columns
    return closes and not is_next and bool(gap.strip(b" ._-"))
