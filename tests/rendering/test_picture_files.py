import contextlib
from random import Random

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat
from PIL.PngImagePlugin import PngInfo

from mailer.rendering.picture_files import MOST_BYTES, TALLEST_PX, PictureError, prepare_picture
from tests.pictures import drawing, on_white, opened, photograph, saved


def prepared(content: bytes):
    return prepare_picture(content, name="ship.jpg")


def refusal(content: bytes) -> str:
    with pytest.raises(PictureError) as refused:
        prepared(content)
    return str(refused.value)


@pytest.mark.parametrize(
    ("size", "becomes"), [((1200, 900), (1040, 780)), ((400, 300), (400, 300)), ((9000, 1), (1040, 1))]
)
def test_it_is_narrowed_to_twice_the_shown_width_and_never_enlarged(size, becomes):
    picture = prepared(saved(photograph(*size), "BMP"))
    assert (picture.width, picture.height) == becomes == opened(picture.content).size


def test_a_photograph_becomes_a_progressive_jpeg():
    picture = prepared(saved(photograph(), "JPEG"))
    assert picture.format == "jpg"
    assert opened(picture.content).info["progressive"]


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_a_drawing_becomes_a_png_with_its_very_colours(kind):
    picture = prepared(saved(on_white(drawing()), kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert (picture.format, opened(picture.content).mode) == ("png", "P")
    shown = opened(picture.content).convert("RGB")
    assert not ImageChops.difference(shown, on_white(drawing())).getbbox()


def test_what_is_transparent_stays_so():
    picture = prepared(saved(drawing(), "PNG"))
    assert picture.format == "png"
    assert opened(picture.content).convert("RGBA").getchannel("A").getpixel((0, 0)) == 0


def test_a_transparent_photograph_keeps_its_colours():
    image = photograph(300, 200)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    shown = opened(prepared(saved(image, "PNG")).content)
    assert max(ImageStat.Stat(ImageChops.difference(shown.convert("RGBA"), image)).rms) <= 1


def test_a_sideways_photograph_stands_upright():
    image = on_white(drawing())
    image.paste("red", (0, 0, 600, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the top of the file is the right side
    shown = opened(prepared(saved(image, "JPEG", exif=exif, quality=95)).content).convert("RGB")
    assert shown.size == (300, 600)
    edge, middle = shown.crop((290, 290, 295, 310)), shown.crop((100, 290, 110, 310))
    assert ImageStat.Stat(edge).mean[1] < 50 < ImageStat.Stat(middle).mean[1]


def test_what_the_camera_wrote_is_gone():
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[29] = "2021:11:12"
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    notes = PngInfo()
    notes.add_text("Author", "Secret")
    for content in (
        saved(photograph(200, 100), "JPEG", exif=exif, comment=b"Secret", icc_profile=srgb, xmp=b"<x>Secret</x>"),
        saved(drawing(), "PNG", exif=exif, pnginfo=notes, icc_profile=srgb),
    ):
        assert b"Secret" in content
        written = prepared(content).content
        assert not {name for name in (b"Secret", b"Exif", b"ICC", b"iCCP", b"tEXt", b"2021") if name in written}
        assert not opened(written).getexif()


def test_other_colours_are_turned_into_srgb():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    plain, wrong = Image.new("RGB", (50, 50), (10, 200, 90)), Image.new("RGB", (50, 50), (10, 200, 90))
    assert opened(prepared(saved(wrong, "PNG", icc_profile=lab)).content).convert("RGB").getpixel(
        (0, 0)
    ) == plain.getpixel((0, 0))
    swapped = opened(prepared(saved(plain, "PNG", icc_profile=_green_is_red())).content).convert("RGB")
    assert ImageStat.Stat(swapped).mean[0] > ImageStat.Stat(swapped).mean[1]


def _green_is_red() -> bytes:
    """A profile of sRGB in which the first two colours have changed places."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "YCbCr", "LAB", "I", "F", "I;16"])
def test_whatever_the_pixels_are_black_is_black_and_white_is_white(mode):
    grey = Image.linear_gradient("L")
    deep = Image.frombytes("I;16", grey.size, b"".join(bytes((value, value)) for value in grey.tobytes()))
    image = deep if mode == "I;16" else grey.convert(mode)
    shown = opened(prepared(saved(image, "TIFF")).content).convert("L")
    shades = shown.tobytes()
    assert min(shades) < 5
    assert max(shades) > 250


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF"])
def test_what_moves_or_has_pages_is_refused(kind):
    content = saved(drawing(), kind, save_all=True, append_images=[photograph(600, 300).convert("RGBA")])
    assert "several pictures" in refusal(content)


def test_a_telephones_photograph_with_a_second_one_behind_it_is_one_picture():
    assert prepared(saved(photograph(200, 100), "MPO", save_all=True, append_images=[photograph(50, 50)])).width == 200


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"Uke 45\n" * 100, "no picture that can be read"),
        (b"%PDF-1.7\n" + bytes(200), "no picture that can be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture that can be read"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG drawing"),
        (b"\x00\x00\x00\x24ftypheic" + bytes(100), "HEIC photograph"),
        (bytes(MOST_BYTES + 1), "more than 10 MB"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(content, says):
    assert says in refusal(content)
    assert refusal(content).startswith("ship.jpg")


@pytest.mark.parametrize("side", [8_000, 20_000])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_read(side):
    assert "million pixels" in refusal(saved(Image.new("1", (side, side)), "PNG"))


def test_a_picture_that_no_screen_could_show_is_refused():
    assert "far taller" in refusal(saved(Image.new("1", (10, TALLEST_PX + 1)), "PNG"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF"])
def test_a_part_of_a_picture_is_refused(kind):
    content = saved(photograph(200, 150), kind)
    said = refusal(content[: len(content) * 2 // 3])
    assert "damaged" in said or kind == "AVIF"  # of which nothing can be told then


def test_whatever_is_in_a_file_it_is_a_picture_or_a_sentence():
    chance = Random(45)
    files = [saved(photograph(60, 40), kind) for kind in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP")]
    for _ in range(150):
        content = bytearray(chance.choice(files))
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(min(len(content), 400))] = chance.randrange(256)
        with contextlib.suppress(PictureError):
            assert opened(prepared(bytes(content)).content).width


def test_the_same_file_gives_the_same_bytes():
    content = saved(photograph(200, 150), "PNG")
    assert prepared(content).digest == prepared(content).digest
