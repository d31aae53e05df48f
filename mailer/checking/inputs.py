"""What the database knows and the checks want: who is on the list, what was sent before, what the issue was made from."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from mailer.checking.images import images_in
from mailer.checking.material import Context
from mailer.checking.repeated import EARLIER_ISSUES
from mailer.models import Campaign, Issue
from mailer.models.image import Image
from mailer.models.parsed import parsed_issue
from mailer.parsing.issue import ParsedIssue
from mailer.rendering.letter import Reader
from subscribers.audiences import Audience, segments
from subscribers.custom_fields import known_fields

# A letter of last week may still go out late; one of an older week is looked at as of the day it was for.
_LATE = timedelta(days=14)


def context_of(issue: Issue, *, audience: Audience | None = None) -> Context:
    """What is known beside an issue. `audience` is the whole list by default.

    Raises SignupError for an audience with an unknown interest. A handful of queries, and five for each earlier issue.
    """
    main = issue.translation_of
    readers = {Reader(each.interests, each.language): each.recipients for each in segments(audience or Audience())}
    return Context(
        segments=readers or None,
        translations=[parsed_issue(each) for each in issue.translations.order_by("language")],
        translation_of=parsed_issue(main) if main else None,
        earlier=[parsed_issue(each) for each in earlier_issues(issue)],
        image_bytes=image_weights(parsed_issue(issue)),
        source=issue.source,
        fields=frozenset(known_fields()),
    )


def image_weights(issue: ParsedIssue) -> dict[str, int]:
    """The bytes of an issue's images by address, as far as they were taken in. One query, and none without images."""
    digests = {image.address: image.digest for image in images_in(issue) if image.digest}
    if not digests:
        return {}
    wanted = reduce(or_, (Q(digest__startswith=digest) for digest in digests.values()))
    sizes = {stored.path: stored.size for stored in Image.objects.filter(wanted).defer("content")}
    return {address: size for address in digests for path, size in sizes.items() if address.endswith(path)}


def earlier_issues(issue: Issue) -> list[Issue]:
    """The last issues that went out, the newest first, without this one."""
    launched = (Campaign.Status.SENDING, Campaign.Status.PAUSED, Campaign.Status.SENT)
    sent = Campaign.objects.filter(status__in=launched).exclude(issue=issue).order_by("-id")
    ids = dict.fromkeys(sent.values_list("issue_id", flat=True)[: EARLIER_ISSUES * 10])
    found = Issue.objects.in_bulk(list(ids)[:EARLIER_ISSUES])
    return [found[pk] for pk in ids if pk in found]


def sending_day(issue: ParsedIssue, today: date) -> date | None:
    """The day to check an issue for when nobody says: today, or for an issue of another time Friday of its week (None)."""
    if not issue.year or not issue.week:
        return today
    try:
        monday = date.fromisocalendar(issue.year, issue.week, 1)
    except ValueError:
        return today
    return today if monday - _LATE <= today <= monday + timedelta(days=6) + _LATE else None
