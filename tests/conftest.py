"""For all tests: properties are about what is true, not about how busy the machine is, and so have
no deadlines; and no installation of the developer's own is touched.
"""

import logging
import os

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.register_profile("brief", deadline=None, max_examples=20)
settings.load_profile("unhurried")

SHOTS = os.environ.get("PAPERROUND_SHOTS", "")
"""Where pictures of all pages are left; empty for none (``tests.web.test_pages``)."""

# What a developer has set for an installation of his own must not reach any test, nor a test that.
for name in [name for name in os.environ if name.startswith("PAPERROUND_")]:
    if name != "PAPERROUND_DSN":  # asks a test to write fixtures anew
        del os.environ[name]


@pytest.fixture(autouse=True)
def _logging_as_loud_as_ever() -> None:
    """A command that runs in this process has its own way to log; also one of a whole module's."""
    logging.getLogger().setLevel(logging.WARNING)
