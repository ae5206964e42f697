"""``epm init``: create or upgrade the store."""

from __future__ import annotations

from importlib import resources

import click

from epm import edits
from epm.cli.app import current
from epm.cli.changes import actor, change
from epm.cli.output import talk
from epm.cli.settings import shown_url
from epm.model import RuleSet


@click.command("init")
@click.option("--sample", is_flag=True, help="Load an instructive rule set.")
def init(sample: bool) -> None:
    """Create or upgrade the rule store and the system.

    \b
    Examples:
      epm init --sample
      epm --db postgresql+psycopg://epm@db.example/epm init
    """
    from db.store import Store

    app = current()
    store = Store.init(app.settings.db)
    try:
        if app.system not in store.systems():
            store.create_system(app.system, actor())
    finally:
        store.close()
    talk(f"store ready: {shown_url(app.settings.db)}, system {app.system}")
    if sample:
        from epm.rulefile.load import load_rules

        loaded = load_rules(sample_rules(), "sample")

        def edit(ruleset: RuleSet) -> RuleSet:
            return edits.merge(ruleset, loaded.ruleset)

        change(app, edit, action="import", subject="sample rules", added_tests=loaded.tests)
        talk("sample rules loaded; see them with: epm rules list")


def sample_rules() -> str:
    """Return the text of the sample rule file."""
    return resources.files("epm.cli").joinpath("sample.yaml").read_text(encoding="utf-8")


COMMANDS = (init,)
