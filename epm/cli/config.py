"""``epm config``: product configuration, and where the settings come from."""

from __future__ import annotations

from dataclasses import asdict, replace

import click

from epm import edits
from epm.cli.app import current
from epm.cli.changes import change, done
from epm.cli.output import answer, say, table
from epm.cli.params import YES_NO, force_option, json_option, reason_option
from epm.cli.settings import config_file, shown_url
from epm.cli.views import yes_no
from epm.model import Config, FailMode, Flag, RuleSet


@click.group("config")
def config() -> None:
    """Work with product configuration.

    \b
    Example: epm config set --audit Y --fail closed
    """


def _shown(value: object) -> str:
    return yes_no(value) if isinstance(value, bool) else str(value)


@config.command("show")
@json_option
def show_config(as_json: bool) -> None:
    """Show the system's product configuration, and each setting with its source.

    \b
    Example: epm config show
    """
    app = current()
    product = {k: _shown(v) for k, v in asdict(app.snapshot().ruleset.config).items()}
    settings = app.settings
    values = {
        "db": shown_url(settings.db),
        "system": settings.system,
        "journal_dir": str(settings.journal_dir),
        "sync": settings.sync,
        "armr_dir": str(settings.armr_dir),
        "armr_log": str(settings.armr_log),
    }
    if as_json:
        sources = {k: {"value": v, "source": settings.sources[k]} for k, v in values.items()}
        answer({"product": product, "settings": sources})
        return
    rows = [(k, v, f"system {app.system}") for k, v in product.items()]
    rows += [(k, v, settings.sources[k]) for k, v in values.items()]
    table(("Name", "Value", "From"), rows)


@config.command("set")
@click.option("--audit", type=YES_NO, help="What * means for Audit when the default rule says *.")
@click.option("--message", type=YES_NO, help="The same for Message.")
@click.option("--capture", type=YES_NO, help="The same for Capture.")
@click.option("--message-queue", metavar="NAME", help="Message queue, up to 10 characters.")
@click.option("--journal", metavar="NAME", help="Journal, up to 10 characters.")
@click.option("--fail", type=click.Choice([str(f) for f in FailMode]), help="On an error inside.")
@reason_option
@force_option
def set_config(
    audit: Flag | None,
    message: Flag | None,
    capture: Flag | None,
    message_queue: str | None,
    journal: str | None,
    fail: str | None,
    reason: str | None,
    force: bool,
) -> None:
    """Change product configuration; what is not named stays.

    \b
    Example: epm config set --capture Y
    """
    flags = {"audit": audit, "message": message, "capture": capture}
    values: dict[str, object] = {k: v is Flag.YES for k, v in flags.items() if v is not None}
    values |= {"message_queue": message_queue.upper()} if message_queue else {}
    values |= {"journal": journal.upper()} if journal else {}
    values |= {"fail": FailMode(fail)} if fail else {}
    if not values:
        raise click.UsageError("nothing to set")

    def edit(ruleset: RuleSet) -> RuleSet:
        new: Config = replace(ruleset.config, **values)  # type: ignore[arg-type]
        return edits.with_config(ruleset, new)

    revision = change(
        current(),
        edit,
        action="change",
        subject="configuration",
        reason=reason,
        force=force,
        touched={},
    )
    done("configuration changed", revision)


@config.command("path")
@json_option
def path(as_json: bool) -> None:
    """Print the path of the user's configuration file.

    \b
    Example: epm config path
    """
    if as_json:
        answer({"path": str(config_file())})
    else:
        say(str(config_file()))


COMMANDS = (config,)
