"""The records: Issue -> Campaign -> Delivery -> Feedback, with their states and the transitions allowed between them.

May import `rendering`, `parsing` and `subscribers`; nothing above. Rules that span records live in the stages above.
"""

from mailer.models.calendar import CalendarEntry
from mailer.models.campaign import Campaign, CampaignTransition, Variant
from mailer.models.delivery import Batch, Delivery
from mailer.models.feedback import Feedback
from mailer.models.image import Image
from mailer.models.issue import Issue, Part, Section

__all__ = [
    "Batch",
    "CalendarEntry",
    "Campaign",
    "CampaignTransition",
    "Delivery",
    "Feedback",
    "Image",
    "Issue",
    "Part",
    "Section",
    "Variant",
]
