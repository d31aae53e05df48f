"""Every address of the web site."""

from django.urls import path

from mailer.public import views

urlpatterns = [
    path("", views.front, name="front"),
    path("health", views.health, name="health"),
    path("u/", views.how_to_leave, name="how-to-leave"),
    path("u/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("w/<str:token>", views.letter, name="letter"),
]

handler404 = "mailer.public.errors.not_found"
handler500 = "mailer.public.errors.failed"
