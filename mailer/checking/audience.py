"""Who gets what: sections that nobody sees, readers for whom there is nothing."""

from __future__ import annotations

from collections.abc import Iterator

from mailer.checking.findings import Place, Sighting, Term, seen
from mailer.checking.material import Material
from mailer.rendering.letter import Reader
from mailer.rendering.variant import is_for, sections_for


def unknown_interests(material: Material) -> Iterator[Sighting]:
    """Interests that the organisation has not got: nobody can follow them."""
    known = {interest.slug for interest in material.interests}
    for place, slugs in _tagged(material):
        if known and (unknown := tuple(slug for slug in slugs if slug not in known)):
            yield seen("interest-unknown", place, names=unknown, known=material.interest_names(sorted(known)))


def unseen_sections(material: Material) -> Iterator[Sighting]:
    """Sections that no segment of the audience gets."""
    if not material.context.segments:
        return
    for passage in material.passages:
        if passage.kind != "heading" or passage.place is None:
            continue
        section = material.issue.sections[passage.place.position]
        if not any(is_for(section, reader) for reader in material.context.segments):
            names = material.interest_names(section.interests)
            yield seen(
                "section-unseen", passage.place, passage.line, words=passage.text or Term("no-heading"), names=names
            )


def empty_letters(material: Material) -> Iterator[Sighting]:
    """Readers for whom the issue has no section. They are sent nothing."""
    if not material.issue.sections:
        yield seen("issue-empty")
        return
    for reader, count in _readers(material).items():
        if not sections_for(material.issue, reader):
            names = material.interest_names(reader.interests)
            yield seen("reader-empty", names=names, count=count) if count else seen("reader-empty-perhaps", names=names)


def _readers(material: Material) -> dict[Reader, int]:
    """The audience, or who follows one interest only, with 0 for "nobody counted"."""
    if material.context.segments is not None:
        return dict(material.context.segments)
    return {Reader((interest.slug,), material.issue.language): 0 for interest in material.interests}


def _tagged(material: Material) -> Iterator[tuple[Place, tuple[str, ...]]]:
    for passage in material.passages:
        if passage.kind == "heading" and passage.place is not None:
            yield passage.place, material.issue.sections[passage.place.position].interests


CHECKS = (unknown_interests, unseen_sections, empty_letters)
