"""Questions to a person at the terminal; an answer that breaks its rule is asked for again.

rich asks them. What was typed is never shown again: it may be a password.
"""

from collections.abc import Mapping

from rich.prompt import InvalidResponse, Prompt
from rich.text import Text

from .explain import Check, explained


def ask_all(questions: Mapping[str, Check | None]) -> list[str]:
    """Ask for each word by its name; one whose name has "password" in it is not shown.

    Raises KeyboardInterrupt or EOFError when the person gives up.
    """
    return [_Question(name, check)() for name, check in questions.items()]


class _Question(Prompt):
    def __init__(self, name: str, check: Check | None) -> None:
        super().__init__(Text(name, style="prompt"), password="password" in name)
        self._check = check

    def process_response(self, value: str) -> str:
        """Return the answer; raises InvalidResponse with the reason, and rich asks again."""
        answer = value if self.password else value.strip()
        reason = None if self._check is None else self._check(answer)
        if reason is not None:
            raise InvalidResponse(Text(explained(reason, answer), style="prompt.invalid"))
        return answer
