"""Sources: made when they are first connected, renamed, described, deleted with everything seen in them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from aispm.core.errors import Invalid
from inventory import cleaning
from inventory.models import Asset, Environment, Link, Source, SourceKind
from inventory.services.bulk import be_patient

NAME = 120
CHUNK = 1000


def ensure_source(*, kind: SourceKind, external_id: str, name: str) -> Source:
    """The source with that identity; made when there is none. An existing one keeps its name."""
    if not external_id.strip():
        raise Invalid(_("A source needs the id of its account or cluster."), where="external_id")
    source, _made = Source.objects.get_or_create(
        kind=kind,
        external_id=cleaning.fit(external_id.strip(), 200),
        defaults={"name": cleaning.cut(name.strip() or external_id.strip(), NAME)},
    )
    return source


def rename_source(*, source: Source, name: str) -> None:
    """Gives the source another name."""
    wanted = cleaning.text(name).strip()
    if not wanted or len(wanted) > NAME:
        raise Invalid(_("Give the source a name of 1 to %d characters.") % NAME, where="name")
    source.name = wanted
    source.save(update_fields=["name"])


def set_source_defaults(*, source: Source, environment: str, criticality: int, owner: str) -> None:
    """What holds for assets that say nothing themselves. The next derivation applies it."""
    if environment not in Environment.values:
        raise Invalid(_("Choose one of the listed environments."), where="environment")
    if criticality not in (1, 2, 3):
        raise Invalid(_("Criticality is 1, 2 or 3."), where="criticality")
    source.environment, source.criticality = environment, criticality
    source.owner = cleaning.cut(owner.strip(), NAME)
    source.save(update_fields=["environment", "criticality", "owner"])


@transaction.atomic
def delete_source(*, source: Source) -> None:
    """Deletes the source and everything seen in it, a thousand assets at a time."""
    be_patient()
    Link.objects.filter(source=source).delete()
    ids = list(Asset.objects.filter(source=source).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        Asset.objects.filter(pk__in=ids[start : start + CHUNK]).only("pk").delete()
    source.delete()
