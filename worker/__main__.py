"""``python -m worker`` is ``paperround``."""

from worker.cli.main import main

main()
