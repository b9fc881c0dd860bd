"""The texts of all windows in English and Simplified Chinese, switchable while they are shown.

Each stage keeps its texts in a dictionary of its own, ``{"en": {key: text}, "zh": {...}}``, and
adds it with ``extend``. Texts are ``str.format`` templates with named places: ``"Hello, {name}"``.
What stands in the two languages must agree in keys and places; ``extend`` refuses it otherwise,
so a translation that was forgotten is found the first time the window opens.

Untrusted words (a user's name, a server's message) go in as values, never as templates.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from stage1_echo import CourseError

from .desktop import preferred_language
from .observers import Observers

if TYPE_CHECKING:  # a terminal client uses the catalog where there is no tkinter
    import tkinter as tk

Texts = Mapping[str, Mapping[str, str]]  # language -> key -> template

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "简体中文"}


class CatalogError(CourseError):
    """A text is missing, or two languages do not fit together."""


class Catalog:
    """The texts in one language at a time. ``language`` None asks the desktop.

    Belongs to the Tk thread once widgets follow it.
    """

    def __init__(self, language: str | None = None) -> None:
        self.changed = Observers()
        self._language = ""
        self._texts: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
        self.use(language or preferred_language())

    @property
    def language(self) -> str:
        """The language in force, a key of ``LANGUAGES``."""
        return self._language

    def use(self, language: str) -> None:
        """Switch the language; every label that follows is written anew."""
        if language not in LANGUAGES:
            raise CatalogError(f"got language {language!r}, there are {', '.join(LANGUAGES)}")
        if language != self._language:
            self._language = language
            self.changed.notify()

    def extend(self, texts: Texts) -> Catalog:
        """Add a stage's texts; return the catalog itself.

        Raises ``CatalogError`` when a language is missing, when keys or places differ between
        languages, or when a key is already there with another text.
        """
        check_texts(texts)
        for language, own in self._texts.items():
            for key, text in texts[language].items():
                if own.get(key, text) != text:
                    raise CatalogError(f"{key} [{language}] is taken by another text: {own[key]!r}")
            own.update(texts[language])
        return self

    def has(self, key: str) -> bool:
        """Tell whether there is a text for ``key``."""
        return key in self._texts[self._language]

    def text(self, key: str, **values: object) -> str:
        """Return the text of ``key`` with its places filled.

        Raises ``CatalogError`` for an unknown key or a place without a value.
        """
        try:
            template = self._texts[self._language][key]
        except KeyError:
            raise CatalogError(f"there is no text for {key!r}") from None
        try:
            return template.format(**values)
        except KeyError as error:
            raise CatalogError(f"{key}: no value was given for {error}") from None

    def label(self, widget: tk.Widget, key: str, **values: object) -> None:
        """Give ``widget`` the text of ``key`` now and again after each change of language."""
        self.follow(widget, lambda: widget.configure({"text": self.text(key, **values)}))

    def follow(self, owner: tk.Misc, write: Callable[[], object]) -> None:
        """Call ``write`` now and after each change of language, as long as ``owner`` lives."""
        write()
        self.changed.connect(write, owner)


def check_texts(texts: Texts) -> None:
    """Raise ``CatalogError`` unless all languages have the same keys with the same places."""
    if set(texts) != set(LANGUAGES):
        raise CatalogError(f"got languages {sorted(texts)}, needed are {sorted(LANGUAGES)}")
    english = texts["en"]
    for language, own in texts.items():
        if odd := sorted(set(own) ^ set(english)):
            raise CatalogError(f"en and {language} differ in keys: {', '.join(odd)}")
        for key, text in own.items():
            here, there = places(text), places(english[key])
            if here != there:
                raise CatalogError(
                    f"{key}: {language} has places {sorted(here)}, en has {sorted(there)}"
                )


def places(text: str) -> set[str]:
    """Return the names of the places in a template."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
