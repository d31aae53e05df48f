"""What the database itself keeps true: the interests of each person in one column, and a consent log that is only added to."""

from django.db import migrations

_INTERESTS = """
    CREATE FUNCTION subscribers_keep_interest_ids() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE subscribers_subscriber s SET interest_ids = COALESCE(
            (SELECT array_agg(n.interest_id ORDER BY n.interest_id) FROM subscribers_subscription n WHERE n.subscriber_id = s.id), '{}')
        WHERE s.id IN (SELECT subscriber_id FROM touched);
        RETURN NULL;
    END $$;
    CREATE TRIGGER subscription_inserted AFTER INSERT ON subscribers_subscription
        REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION subscribers_keep_interest_ids();
    CREATE TRIGGER subscription_deleted AFTER DELETE ON subscribers_subscription
        REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION subscribers_keep_interest_ids();
    UPDATE subscribers_subscriber s SET interest_ids = f.ids FROM (
        SELECT subscriber_id, array_agg(interest_id ORDER BY interest_id) AS ids FROM subscribers_subscription GROUP BY subscriber_id
    ) f WHERE f.subscriber_id = s.id;
"""
_NO_INTERESTS = """
    DROP TRIGGER subscription_inserted ON subscribers_subscription;
    DROP TRIGGER subscription_deleted ON subscribers_subscription;
    DROP FUNCTION subscribers_keep_interest_ids();
"""

_LOG = """
    CREATE FUNCTION subscribers_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'rows of % are added, never changed', TG_TABLE_NAME;
    END $$;
    CREATE TRIGGER consent_event_never_changed BEFORE UPDATE ON subscribers_consentevent
        FOR EACH ROW EXECUTE FUNCTION subscribers_never_changed();
"""
_NO_LOG = """
    DROP TRIGGER consent_event_never_changed ON subscribers_consentevent;
    DROP FUNCTION subscribers_never_changed();
"""


class Migration(migrations.Migration):
    """Two triggers."""

    dependencies = [("subscribers", "0003_people_and_imports")]
    operations = [migrations.RunSQL(_INTERESTS, _NO_INTERESTS), migrations.RunSQL(_LOG, _NO_LOG)]
