"""A new house begins with three interests, so that the first import can suggest them. The organisation changes them as it likes."""

from django.db import migrations

FIRST = (
    ("students", "studenter", "students"),
    ("entrepreneurs", "gründere", "entrepreneurs"),
    ("businesses", "næringslivet", "businesses"),
)


def add(apps, schema_editor):
    Interest = apps.get_model("subscribers", "Interest")
    for position, (slug, name_nb, name_en) in enumerate(FIRST):
        Interest.objects.get_or_create(
            slug=slug, defaults={"name_nb": name_nb, "name_en": name_en, "position": position}
        )


class Migration(migrations.Migration):
    dependencies = [("subscribers", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
