"""The tables of people and consent. Rules that change them live beside this package, by the name of what is done."""

from subscribers.models.audiences import CustomField, SavedAudience
from subscribers.models.consent import ConsentEvent, Suppression
from subscribers.models.imports import Import, ImportRow, SheetPiece
from subscribers.models.people import Interest, Subscriber, Subscription
from subscribers.models.requests import AddressChange, OwedMail

__all__ = [
    "AddressChange",
    "ConsentEvent",
    "CustomField",
    "Import",
    "ImportRow",
    "Interest",
    "OwedMail",
    "SavedAudience",
    "SheetPiece",
    "Subscriber",
    "Subscription",
    "Suppression",
]
