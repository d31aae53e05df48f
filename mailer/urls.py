"""Every address of the web site."""

from django.urls import path

from mailer.public import (
    appearance,
    archive,
    calendar,
    choosing,
    confirming,
    feeds,
    health,
    leaving,
    pictures,
    signup,
    statements,
)

urlpatterns = [
    path("health", health.health, name="health"),
    path("favicon.ico", appearance.favicon, name="favicon"),
    path("theme.css", appearance.theme_css, name="theme"),
    path("sky.svg", appearance.sky, name="sky"),
    path("i/<str:name>", pictures.picture, name="picture"),
    path("c/<str:name>", calendar.entry, name="calendar-entry"),
    # Joining.
    path("", signup.front, name="front"),
    path("asked", signup.asked, name="asked"),
    path("form", signup.framed, name="framed"),
    path("form/asked", signup.framed_asked, name="framed-asked"),
    path("signup", signup.embedded, name="signup"),
    # `path`, not `str`, for what stands last: a link that got a slash too many is told what is wrong with it.
    path("confirm/<path:token>", confirming.signup, name="confirm"),
    path("agree/<path:token>", confirming.leaving_address, name="agree"),
    path("address/<path:token>", confirming.address, name="confirm-address"),
    # Choosing.
    path("p/<str:token>/address", choosing.other_address, name="other-address"),
    path("p/<str:token>/more/<slug:slug>", choosing.more, name="more"),
    path("p/<str:token>/less/<slug:slug>", choosing.less, name="less"),
    path("p/<str:token>/stay", choosing.stay, name="stay"),
    path("p/<path:token>", choosing.choices, name="preferences"),
    path("link", leaving.send_link, name="link"),
    path("link/asked", leaving.link_asked, name="link-asked"),
    # Leaving.
    path("u/", leaving.how_to_leave, name="how-to-leave"),
    path("u/<str:token>/undo", leaving.undo, name="undo"),
    path("u/<str:token>/reason", leaving.reason, name="reason"),
    path("u/<path:token>", leaving.unsubscribe, name="unsubscribe"),
    # Reading.
    path("archive", archive.archive, name="archive"),
    path("feed", feeds.letters, name="feed"),
    path("feed/<slug:slug>", feeds.letters, name="feed-about"),
    path("w/<path:token>", archive.letter, name="letter"),
    path("privacy", statements.privacy, name="privacy"),
    path("accessibility", statements.accessibility, name="accessibility"),
]

handler400 = "mailer.public.errors.bad_request"
handler403 = "mailer.public.errors.forbidden"
handler404 = "mailer.public.errors.not_found"
handler500 = "mailer.public.errors.failed"
