"""Indexes for questions over the whole list. They stand here and not with the model because Django can't say some of them.

- `subscriber_candidates` has everything that a count of an audience by interests and language asks for, so that PostgreSQL reads 100 MB
  rather than 250 at a million people (see subscribers/candidates.py).
- `subscriber_name_key` is the order of names, and the search by their beginning (see subscribers/listing.py).
- `subscriber_source` is the list of one door.
- `subscriber_asked` has those who were asked whether they still want the letter.
"""

from django.db import migrations

_INDEXES = {
    "subscriber_candidates": "(id) INCLUDE (status, language, paused_until, interest_ids, address_hash) WHERE status <> 'erased'",
    "subscriber_name_key": """
        ((CASE WHEN name = '' THEN '~' ELSE translate(lower(name), 'æäøöåéèêëáàüïí', '{{||}eeeeaayii') END) COLLATE "C", id)
    """,
    "subscriber_source": "(source, id)",
    "subscriber_asked": "(asked_at) WHERE asked_at IS NOT NULL",
}


class Migration(migrations.Migration):
    """Four indexes."""

    dependencies = [("subscribers", "0005_imports")]
    operations = [
        migrations.RunSQL(f"CREATE INDEX {name} ON subscribers_subscriber {of}", f"DROP INDEX {name}")
        for name, of in _INDEXES.items()
    ]
