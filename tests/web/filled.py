"""The forms of a page as a browser reads and sends them, without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """Where it goes, what it sends as it stands, and what its buttons add."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


def forms_of(page: str) -> list[Form]:
    """All forms of the page, in order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.forms


def form_of(page: str, action_ends: str) -> Form:
    """The one whose action ends so."""
    (found,) = (form for form in forms_of(page) if form.action.endswith(action_ends))
    return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = self._textarea = ""
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "textarea":
            self._textarea, self._text = given["name"], []
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select and "selected" in given:
            self.forms[-1].fields[self._select] = given["value"]
        elif tag == "button" and self.forms:
            self.forms[-1].buttons.append((given.get("name", ""), given.get("value", "")))
        elif tag == "input":
            self._input(given)

    def _input(self, given: dict[str, str]) -> None:
        ticked = given.get("type") not in ("radio", "checkbox") or "checked" in given
        if ticked and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "on")

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            text = "".join(self._text).removeprefix("\n")  # as browsers read it
            self.forms[-1].fields[self._textarea] = text
            self._textarea = ""
