"""Every address of the web site."""

from django.urls import path

from mailer.public import appearance, calendar, pictures, views

urlpatterns = [
    path("", views.front, name="front"),
    path("health", views.health, name="health"),
    path("favicon.ico", appearance.favicon, name="favicon"),
    path("theme.css", appearance.theme_css, name="theme"),
    path("sky.svg", appearance.sky, name="sky"),
    path("i/<str:name>", pictures.picture, name="picture"),
    path("c/<str:name>", calendar.entry, name="calendar-entry"),
    path("u/", views.how_to_leave, name="how-to-leave"),
    # `path`, not `str`: a link that got a slash too many is told what is wrong with it.
    path("u/<path:token>", views.unsubscribe, name="unsubscribe"),
    path("w/<path:token>", views.letter, name="letter"),
]

handler404 = "mailer.public.errors.not_found"
handler500 = "mailer.public.errors.failed"
