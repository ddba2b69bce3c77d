"""Sources: made when they are first connected, renamed, described, deleted with everything seen in them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from aispm.core.errors import Invalid
from inventory import cleaning
from inventory.models import Asset, Link, Source, SourceKind
from inventory.queries.estates import listeners_of
from inventory.services.bulk import be_patient, mark_for_derivation, origins_elsewhere

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


@transaction.atomic
def delete_source(*, source: Source) -> None:
    """Deletes the source and everything seen in it, a thousand assets at a time.

    What is derived elsewhere from its assets has to be derived again.
    """
    be_patient()
    Link.objects.filter(source=source).delete()
    ids = list(Asset.objects.filter(source=source).order_by("pk").values_list("pk", flat=True))
    mark_for_derivation(origins_elsewhere(ids, source.pk) | listeners_of(source.pk))
    for start in range(0, len(ids), CHUNK):
        Asset.objects.filter(pk__in=ids[start : start + CHUNK]).only("pk").delete()
    source.delete()
