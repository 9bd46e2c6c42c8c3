"""What was changed in the forms of a round since it was issued, for the officer to know."""

from __future__ import annotations

from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because
from consolidate.province.own_forms import issued_before
from consolidate.province.workspace import Workspace


def changed_forms(workspace: Workspace, period: Period) -> tuple[Reason, ...]:
    """Tell what was changed in each pack since the round was issued; nothing for packs as issued.

    Raises:
        UserError: a form of the province cannot be read.
    """
    library, name = workspace.library, period.round_name
    told = []
    for code, digest in issued_before(library, workspace.root, name):
        from consolidate.checks.form_changes import form_changes, listed  # Seldom needed.

        changes = form_changes(library.of_pack(code, 0, digest), library.of_pack(code))
        values = {"title": library.packs.by_code[code].template.short_title, "code": code}
        shown = listed(changes) if changes else because("changed.wording")
        told.append(because("changed.since_issue", period=name, changes=shown, **values))
    return tuple(told)
