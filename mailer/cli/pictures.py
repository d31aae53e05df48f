"""`ukebrev issue add-image`: a picture comes into an issue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mailer.cli.output import AsJson, note, print_json, say
from mailer.cli.starting import house

Picture = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="JPEG, PNG, GIF, WebP, AVIF, TIFF or BMP, at most 10 MB.",
        dir_okay=False,
        show_default=False,
    ),
]


def add_image(
    issue: Annotated[str, typer.Argument(metavar="ISSUE", help="Its number or its slug.", show_default=False)],
    file: Picture,
    *,
    alt: Annotated[str, typer.Option(help="What it shows, for readers who don't see it.")] = "",
    decorative: Annotated[bool, typer.Option("--decorative", help="It only adorns and needs no such text.")] = False,
    caption: Annotated[str, typer.Option(help="What stands below it.")] = "",
    section: Annotated[
        str, typer.Option(help="The section to put it at the end of: its number, from 1, or words of its heading.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Take a picture in, upright, small enough for mail and without what a camera wrote into it, and put it into a section.

    Without --section it prints the Markdown to paste.

    Example: `ukebrev issue add-image uke-45 ship.jpg --alt "The ship at the quay" --section 2`
    """
    with house():
        from mailer.cli.finding import find_issue
        from mailer.models.pictures import PictureWords, add_image

        words = PictureWords(alt=alt, decorative=decorative, caption=caption)
        record = find_issue(issue)
        added = add_image(record, _content(file), words, section=section, name=file.name)
        image, into = added.image, added.section
    if as_json:
        print_json(
            {
                "path": image.path,
                "width": image.width,
                "height": image.height,
                "bytes": image.size,
                "markdown": added.markdown,
                "section": into.position + 1 if into else None,
            }
        )
        return
    say(added.markdown)
    size = f"{image.width} × {image.height} pixels, {max(1, image.size // 1000)} kB"
    where = (
        f"put at the end of section {into.position + 1}, “{into.heading}”" if into else "stored; paste the line above"
    )
    note(f"{file.name}: {size}; {where}.")


def _content(file: Path) -> bytes:
    from mailer.rendering.picture_files import MOST_BYTES

    with file.open("rb") as opened:
        # One byte more shows that there is too much, however large the file is.
        return opened.read(MOST_BYTES + 1)
