"""Properties are about what is true, not about how busy the machine is: no deadlines."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
