"""The settings of a service that anybody may sign up to as often as they like: what is measured is the way, not the gate."""

from mailer.settings import *  # noqa: F403  # the same settings but for the limits

SIGNUPS_PER_NETWORK = ((10**9, 60),)
SIGNUPS_IN_ALL = ((10**9, 60),)
