"""Fetching, said plainly: a server that answers from memory, and progress that lies there too."""

from __future__ import annotations

from dataclasses import dataclass, field

from worker.core.fetching import Answer, Failed, Progress, Request


@dataclass
class PlainFetcher:
    """A Fetcher: what it has no answer for fails. ``asked`` holds each request."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    async def get(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answers.get(request.url, Failed("404 Not Found"))


class PlainFetches:
    """The port ``Fetches`` in memory."""

    def __init__(self) -> None:
        self._progress: dict[str, Progress] = {}

    async def progress(self, name: str) -> Progress:
        return self._progress.get(name, Progress())

    async def note(self, name: str, progress: Progress) -> None:
        self._progress[name] = progress
