"""Sending a verification code: who gets one, what it counts, and what a failure costs (nothing)."""

import contextlib
from collections.abc import Callable

from stage1_echo import LOG
from stage2_protocol import Peer, Refused

from .accounts import AccountStore
from .code_store import CodeStore
from .codes import new_code
from .errors import SmsFailed, StorageUnavailable
from .login_guard import host_of, too_soon
from .sms import SmsProvider
from .throttle import line_of


class CodeSender:
    """Sends codes through a provider and remembers them; may be used from any thread."""

    def __init__(
        self,
        accounts: AccountStore,
        codes: CodeStore,
        sms: SmsProvider,
        clock: Callable[[], float],
    ) -> None:
        self._accounts = accounts
        self._codes = codes
        self._sms = sms
        self._clock = clock

    def send(self, phone: str, purpose: str, peer: Peer) -> None:
        """Send a code for ``purpose`` to ``phone``, a sound number.

        Raises Refused: 1 the provider failed, 3 registered already, 105 too many codes.
        """
        address, now = line_of(host_of(peer)), self._clock()
        registered = self._accounts.is_phone_taken(phone)
        refused = registered and purpose == "register"
        # Who asks for thousands of numbers which of them are registered is slowed down as well.
        wait = self._codes.count(None if refused else phone, address, now)
        if wait > 0:
            raise too_soon("too many codes were asked for", wait)
        if refused:
            raise Refused(3, "this phone is registered already", field="phone")
        code = new_code()
        # For reset every well-formed phone gets the same answer: strangers learn nothing from it.
        if registered or purpose == "register":
            self._send(phone, purpose, code, address, now)
        # Only now: until a newer code has been sent, the older one stays good.
        self._codes.keep(phone, purpose, code, self._clock())

    def _send(self, phone: str, purpose: str, code: str, address: str, now: float) -> None:
        try:
            self._sms.send(phone, code, purpose)
        except SmsFailed as error:
            LOG.warning("a code could not be sent: %s", error)
            with contextlib.suppress(StorageUnavailable):
                self._codes.uncount(phone, address, now)
            raise Refused(1, error.told) from error
