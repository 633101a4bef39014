"""Stories: a folder each, told through the real command line to a real mail server.

``story.txt`` is read from top to bottom; what a step starts with says what it is:

    $ ARGUMENTS        run paperround with them; NAME.txt is a file of the story or of seeds/
    | TEXT             it printed a line that contains this
    ! CODE TEXT        it ended with that code, and its complaint contains this
    @ ADDRESS: TEXT    a mail came, its subject contains this; and, indented, its numbered titles
    = ADDRESS REPLY    from here on the mail server answers so to that recipient (250: as usual)
    < FILE             subscribers.toml is this file of the story from here on

All mails of a step must be told, in the order of their addresses. All else is for the reader.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.installation import CONFIG
from tests.made import SEEDS
from tests.smtpd import MailServer

STORIES = Path(__file__).parent / "stories"


class Teller:
    """Runs the steps of one story and holds what came of the last one."""

    def __init__(self, story: Path, home: Path, server: MailServer) -> None:
        self.story, self.home, self.server = story, home, server
        self.out, self.complaint, self.code = "", "", 0
        self.told, self.titles = 0, 0
        (home / "paperround.toml").write_text(CONFIG.format(port=server.port))
        self.follow("subscribers.toml")

    def follow(self, name: str) -> None:
        shutil.copy(self.story / name, self.home / "subscribers.toml")

    async def run(self, words: str) -> None:
        self.all_told()
        arguments = [self._file(word) for word in words.split()]
        config = str(self.home / "paperround.toml")
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "worker",
                "--config",
                config,
                "--data",
                str(self.home / "data"),
            ),
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, complaint = await process.communicate()
        self.out, self.complaint = out.decode(), complaint.decode()
        self.code = process.returncode or 0
        self.server.messages[self.told :] = sorted(
            self.server.messages[self.told :], key=lambda message: message.rcpt_tos
        )

    def _file(self, word: str) -> str:
        word = word.replace("%", " ")
        for folder in (self.story, SEEDS):
            if word.endswith((".txt", ".csv")) and (folder / word).exists():
                return str(folder / word)
        return word

    def printed(self, text: str) -> None:
        assert self.code == 0, self.complaint
        assert any(text in " ".join(line.split()) for line in self.out.splitlines()), self.out

    def complained(self, text: str) -> None:
        code, _, words = text.partition(" ")
        assert (str(self.code), words in self.complaint) == (code, True), self.complaint
        assert "Traceback" not in self.complaint
        self.code = 0

    def mailed(self, text: str) -> None:
        address, _, subject = text.partition(": ")
        self.titles_told()
        message = self._mail(self.told)
        self.told += 1
        self.titles = 0
        assert message["To"] == address
        assert subject in str(message["Subject"])

    def titled(self, title: str) -> None:
        shown = self._titles(self._mail(self.told - 1))
        assert shown[self.titles].startswith(title), shown
        self.titles += 1

    def answers(self, text: str) -> None:
        address, _, reply = text.partition(" ")
        self.server.to_recipients[address] = reply
        if reply.startswith("250"):
            del self.server.to_recipients[address]

    def all_told(self) -> None:
        assert self.code == 0, self.complaint
        self.titles_told()
        untold = [message.rcpt_tos for message in self.server.messages[self.told :]]
        assert untold == [], "mails that the story does not tell of"

    def titles_told(self) -> None:
        if self.titles:
            assert self.titles == len(self._titles(self._mail(self.told - 1)))

    def _mail(self, place: int) -> EmailMessage:
        assert place < len(self.server.messages), "that mail did not come"
        message = message_from_bytes(self.server.messages[place].content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    def _titles(self, message: EmailMessage) -> list[str]:
        body = message.get_body(("plain",))
        lines = body.get_content().splitlines() if body else []
        numbered = (line.partition(". ") for line in lines)
        return [title.replace("*", "") for number, _, title in numbered if number.isdigit()]


@pytest.mark.parametrize("story", sorted(STORIES.iterdir()), ids=lambda story: story.name)
async def test_the_story_goes_as_told(story: Path, tmp_path: Path) -> None:
    async with MailServer() as server:
        teller = Teller(story, tmp_path, server)
        for line in (story / "story.txt").read_text().splitlines():
            mark, _, rest = line.partition(" ")
            match mark:
                case "$":
                    await teller.run(rest)
                case "|":
                    teller.printed(rest)
                case "!":
                    teller.complained(rest)
                case "@":
                    teller.mailed(rest)
                case "=":
                    teller.answers(rest)
                case "<":
                    teller.follow(rest)
                case "" if rest.strip():
                    teller.titled(rest.strip())
        teller.all_told()
