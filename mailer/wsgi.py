"""The door of the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.settings")
application = get_wsgi_application()

# All pages are loaded now, which the first reader would wait for otherwise. What is loaded stays until the end: looking through it for
# garbage is a tenth of a second in which nobody gets an answer.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
