from PIL import Image

from gallery.kept import difference
from gallery.marks import arctic, plain
from mailer.rendering.templates import TEMPLATES


def test_the_marks_in_our_themes_are_the_ones_that_are_drawn():
    drawn = {
        "arctic/mark.png": arctic(),
        "plain/mark.png": plain(ground="#2A4D9C", paper="#F8FAFD"),
        "plain/mark-dark.png": plain(ground="#A6C0F8", paper="#0E1A33"),
    }
    for file, mark in drawn.items():
        assert difference(Image.open(TEMPLATES / file), mark) == 0, file
