"""Properties are about what is true, not about how busy the machine is: no deadlines."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.register_profile("brief", deadline=None, max_examples=20)
settings.load_profile("unhurried")
