"""The chat bot: a user that greets whoever comes and answers what is said to it.

``python -m final bot --name bot --auth HOST:PORT --chat HOST:PORT``; the password comes from the
environment variable CHAT_BOT_PASSWORD, so that it stands in no list of processes.
"""

import argparse
import contextlib
import os
import random
import sys
import threading
import time
from datetime import datetime

from stage1_echo import CourseError, fail, print_event, set_up_terminal
from stage3_auth import AuthClient
from stage4_rooms import (
    LOBBY,
    Arrived,
    ChatClient,
    Connected,
    Event,
    MembersChanged,
    PresenceChanged,
    SessionEnded,
    Where,
)

from .bot_brain import answer, greeting
from .options import Address, add_addresses

PASSWORD_VARIABLE = "CHAT_BOT_PASSWORD"
# Two bots in one room must not talk each other to death: each pauses after so many answers.
ANSWERS_PER_MINUTE = 20


class Bot:
    """Answers on one chat connection; ``ended`` is set when its session has ended."""

    def __init__(self, address: Address, token: str) -> None:
        self.ended = threading.Event()
        self._chance = random.Random()
        self._answered_at: list[float] = []
        self._greeted: set[str] = set()
        self._chat = ChatClient(*address, token, self._on_event)

    def start(self) -> None:
        """Enter the chat."""
        self._chat.start()

    def stop(self) -> None:
        """Leave the chat."""
        self._chat.close()

    def _on_event(self, event: Event) -> None:
        match event:
            case Arrived(message, earlier) if not earlier and message.sender != self._name:
                if self._may_answer():
                    now = datetime.now()
                    text = answer(message.text, message.sender, now, self._chance)
                    self._chat.say(message.where, text)
            case Connected():
                for row in self._chat.who(LOBBY):
                    if row["state"] != "offline" and row["user_name"] != self._name:
                        self._greet(row["user_name"])
            case PresenceChanged(name, "online"):
                self._greet(name)
            case MembersChanged(room, name, joined) if joined and room == LOBBY:
                self._greet(name)
            case SessionEnded():
                self.ended.set()

    @property
    def _name(self) -> str:
        return self._chat.user_name

    def _greet(self, name: str) -> None:
        if name not in self._greeted and self._may_answer():
            self._greeted.add(name)
            self._chat.say(Where(LOBBY), greeting(name))

    def _may_answer(self) -> bool:
        now = time.monotonic()
        self._answered_at = [at for at in self._answered_at if at > now - 60]
        if len(self._answered_at) >= ANSWERS_PER_MINUTE:
            return False
        self._answered_at.append(now)
        return True


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code. It ends when its standard input does."""
    parser = argparse.ArgumentParser(prog="python -m final bot")
    add_addresses(parser)
    parser.add_argument("--name", default="bot", help="the bot's user name (bot)")
    options = parser.parse_args(argv)
    set_up_terminal()
    auth = AuthClient(*options.auth)
    try:
        session = auth.login(options.name, os.environ.get(PASSWORD_VARIABLE, ""))
    except CourseError as error:
        return fail(error)
    bot = Bot(options.chat, session.token)
    bot.start()
    print_event(f"{session.user_name} is in the chat")
    threading.Thread(target=_end_with_input, args=(bot,), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C reaches all programs of a terminal
        bot.ended.wait()
    bot.stop()
    auth.close()
    return 0


def _end_with_input(bot: Bot) -> None:
    """Whoever started the bot ends it by closing its input, or by ending itself."""
    sys.stdin.read()
    bot.ended.set()
