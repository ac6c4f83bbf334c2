"""The front desk's optional password: constant-time compare, few tries a minute, a session cookie."""

from __future__ import annotations

import hmac
import secrets
import time

from assistant.pages.security import RateLimit

COOKIE = "desk"
SESSION_SECONDS = 12 * 3600
TRIES_PER_MINUTE = 5
MOST_SESSIONS = 200


class Entry:
    """Lets in who has given the password; everyone when none is set."""

    def __init__(self, password: str) -> None:
        self._password = password.encode()
        self._tries = RateLimit(TRIES_PER_MINUTE)
        self._sessions: dict[str, float] = {}

    def allows(self, token: str) -> bool:
        """Whether the holder of this cookie may see the desk."""
        if not self._password:
            return True
        return self._sessions.get(token, 0.0) > time.monotonic()

    def try_password(self, given: str, client: str) -> str | None:
        """A session token for the right password, "" for a wrong one, None after too many tries."""
        if not self._tries.allows(client):
            return None
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._password):
            return ""
        now = time.monotonic()
        alive = [(t, end) for t, end in self._sessions.items() if end > now][-MOST_SESSIONS:]
        token = secrets.token_urlsafe(32)
        self._sessions = {**dict(alive), token: now + SESSION_SECONDS}
        return token
