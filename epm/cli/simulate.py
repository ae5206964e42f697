"""``epm simulate``: socket calls without a kernel that asks."""

from __future__ import annotations

import click

from epm.cli.app import current
from epm.cli.clock import local_now
from epm.cli.exits import ExitCode
from epm.cli.output import dumps, say, talk, warn
from epm.cli.params import json_option, rules_option
from epm.cli.simulate_xmlservice import xmlservice
from epm.errors import CallError
from epm.evaluate import Mode


@click.group("simulate")
def simulate() -> None:
    """Simulate what is not at hand.

    \b
    Example: epm simulate sockets --rules rules.yaml
    """


@simulate.command("sockets")
@rules_option
@click.option("--journal", "journaled", is_flag=True, help="Write the entries to the journal too.")
@json_option
def sockets(rules: str | None, journaled: bool, as_json: bool) -> int:
    """Play the life of listening, accepting and connecting jobs through the exit programs.

    The jobs, sockets and addresses are simulated in this process in the manner of IBM i; the
    blocks, the exit programs and the rules are the real ones. Without --rules the shipped
    script's own rules are used. The exit code is 1 when a step went otherwise than the script
    expects.

    \b
    Example: epm simulate sockets
    """
    from epm.engine import Engine
    from epm.rulefile.load import load_rules
    from exitprograms.program import ExitProgram
    from exitprograms.sinks import FanOut, NullSink
    from journal.sink import JournalSink
    from simulators.scenario import SHIPPED_RULES, SHIPPED_SCRIPT
    from simulators.scenario_run import format_step, run_scenario

    app = current()
    if rules is None:
        ruleset = load_rules(SHIPPED_RULES, "scenario").ruleset
        engine = Engine(ruleset, Mode.LIVE)
    else:
        engine = app.engine(rules, Mode.LIVE)
    name = engine.ruleset.config.journal
    sink = JournalSink(app.open_journal(name)) if journaled else NullSink()
    program = ExitProgram(lambda: engine, FanOut(sink), fail=engine.fail, warn=warn)
    failed = False
    try:
        for step in run_scenario(SHIPPED_SCRIPT, program, sink, local_now):
            failed = failed or step.met is False
            for line in [dumps(step.to_json())] if as_json else format_step(step).splitlines():
                say(line)
    except CallError as error:  # under other rules a later step may have nothing to go on
        talk(f"epm: the script ends here: {error}")
        failed = True
    return ExitCode.NO if failed else ExitCode.OK


simulate.add_command(xmlservice)
COMMANDS = (simulate,)
