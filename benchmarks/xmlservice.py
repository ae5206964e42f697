"""Calls per second of the XMLSERVICE simulator, directly and over HTTP, in one run.

Run it from the repository's top: ``python -m benchmarks.xmlservice [--json]``.

Method. One simulated IBM i serves a command, the sample program and a query; each document is
answered directly by the service, over HTTP with a connection that is kept, and over HTTP with a
connection for each call as itoolkit makes it. The three are timed back to back in every
repetition, the ratio to the direct call is taken within it, and medians over repetitions are
shown, so that a slow moment of the machine hits all of them. A last line marshals 10,000
structures of five values both ways.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from simulators.ibmi.sample import sample_system, sample_users
from simulators.xmlservice.server import Server, serve

USER = "EPMADM"
WORD = "Bench1mark"
REPETITIONS = 7
SECONDS = 0.25
ITEMS = 10_000
DOCUMENTS = {
    "command": "<x><cmd error='fast'>CHGLIBL LIBL(QGPL QTEMP)</cmd></x>",
    "program": (
        "<x><pgm name='ZZCALL' lib='XMLSERVICE' error='fast'><parm><data type='1a'>a</data></parm>"
        "<parm><data type='1a'>b</data></parm><parm><data type='7p4'>1</data></parm>"
        "<parm><data type='12p2'>2</data></parm><parm><ds><data type='1a'>x</data>"
        "<data type='1a'>y</data><data type='7p4'>1</data><data type='12p2'>1</data></ds></parm>"
        "</pgm></x>"
    ),
    "query": "<x><sql><query error='fast'>values 1</query><fetch error='fast'/></sql></x>",
}


def rate(call: Callable[[], object]) -> float:
    """Return calls per second."""
    call()
    count, begin = 0, time.perf_counter()
    while (spent := time.perf_counter() - begin) < SECONDS:
        call()
        count += 1
    return count / spent


def callers(server: Server, document: str) -> dict[str, Callable[[], object]]:
    body = urlencode({"uid": USER, "pwd": WORD, "ctl": "*here", "xmlin": document})
    kept = http.client.HTTPConnection(server.address, server.port, timeout=10)

    def over(client: http.client.HTTPConnection) -> bytes:
        client.request("POST", "/", body)
        answer = client.getresponse().read()
        assert b"+++ success" in answer, answer
        return answer

    def fresh() -> bytes:
        client = http.client.HTTPConnection(server.address, server.port, timeout=10)
        try:
            return over(client)
        finally:
            client.close()

    return {
        "direct": lambda: server.service.answer(USER, "", "*here", document),
        "http kept": lambda: over(kept),
        "http fresh": fresh,
    }


def measure(server: Server) -> dict[str, dict[str, float]]:
    result = {}
    for name, document in DOCUMENTS.items():
        runs = [
            {how: rate(call) for how, call in callers(server, document).items()}
            for _ in range(REPETITIONS)
        ]
        row = {how: statistics.median(run[how] for run in runs) for how in runs[0]}
        ratios = [run["http fresh"] / run["direct"] for run in runs]
        row["fresh / direct"] = statistics.median(ratios)
        result[name] = row
    return result


def marshal(server: Server) -> float:
    """Return values a second of one large call, counted once although it goes both ways."""
    items = "<data type='10a'>x</data><data type='7p2'>1.5</data><data type='10i0'>7</data>"
    document = (
        f"<pgm name='ZZCALL'><parm><ds dim='{ITEMS}'>{items}<data type='5s1'>2</data>"
        "<data type='8f2'>3</data></ds></parm></pgm>"
    )
    begin = time.perf_counter()
    answer = server.service.answer(USER, "", "*here *test", document, 16_000_000)
    assert answer.count("<ds ") == ITEMS
    return ITEMS * 5 / (time.perf_counter() - begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    server = serve(sample_system(datetime.now, sample_users(WORD)))
    try:
        result = measure(server)
        values = statistics.median(marshal(server) for _ in range(3))
    finally:
        server.close()
    if options.json:
        print(json.dumps({"calls_per_second": result, "values_per_second": values}))
        return
    for name, row in result.items():
        rates = "  ".join(f"{how} {row[how]:8,.0f}/s" for how in list(row)[:3])
        print(f"{name:8}  {rates}  fresh/direct {row['fresh / direct']:.2f}")
    print(f"marshal   {values:,.0f} values/s")


if __name__ == "__main__":
    main()
