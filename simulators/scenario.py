"""The scenario that comes with epm: rules, and a script that shows the whole life cycle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The rules of the script, as a rule file: every server activated, a deciding rule of each kind.
SHIPPED_RULES = """\
version: 1
servers:
  QSOLISTEN:
    activated: true
    rules:
      - seq: 10
        name: Low ports only for SSH and HTTPS
        authority: N
        audit: Y
        active: Y
        conditions:
          - {field: LCLPORT, op: RANGE, value: 1-1023}
          - {field: LCLPORT, op: NLIST, value: "22,443"}
      - {seq: 99999, authority: Y}
  QSOACCEPT:
    activated: true
    rules:
      - seq: 10
        name: Quarantine
        authority: N
        audit: Y
        active: Y
        conditions:
          - {field: RMTADDR, op: EQ, value: 10.66.0.0/16}
      - seq: 20
        name: Administrators
        authority: Y
        audit: Y
        active: Y
        conditions:
          - {field: RMTADDR, op: EQ, value: 10.1.0.0/16}
      - {seq: 99999, authority: Y}
  QSOCONNECT:
    activated: true
    rules:
      - seq: 10
        name: HTTPS for the web client
        authority: Y
        audit: Y
        active: Y
        conditions:
          - {field: USER, op: EQ, value: WEBUSR}
          - {field: RMTPORT, op: EQ, value: 443}
      - {seq: 99999, authority: N}
"""

#: Steps in the form of :mod:`simulators.scenario_parse`; every expectation in it is met.
SHIPPED_SCRIPT: tuple[Mapping[str, Any], ...] = (
    {"say": "listen(): a server may have its port, another is refused with EPERM"},
    {"job": "SSHD", "user": "QTCP", "program": "/usr/sbin/sshd"},
    {"listen": "0.0.0.0:22", "by": "SSHD", "as": "ssh", "expect": "allow"},
    {"job": "ROGUE", "user": "BADUSR", "program": "/home/badusr/server"},
    {"listen": "0.0.0.0:23", "by": "ROGUE", "expect": "reject"},
    {"say": "A port in use never comes to an exit program; it leaves a P entry"},
    {"listen": "0.0.0.0:22", "by": "ROGUE", "as": "second", "expect": "fail"},
    {"say": "accept(): an allowed connection leaves an A entry"},
    {"arrive": "10.1.2.3:50000", "to": "192.168.1.10:22"},
    {"accept": "ssh", "expect": "allow"},
    {"say": "A rejected one is dropped silently, and accept() takes the next"},
    {"arrive": "10.66.0.9:50001", "to": "192.168.1.10:22"},
    {"arrive": "10.7.0.1:50002", "to": "192.168.1.10:22"},
    {"accept": "ssh", "expect": "allow"},
    {"say": "With nothing else in the queue, accept() waits"},
    {"arrive": "10.66.0.9:50003", "to": "192.168.1.10:22"},
    {"accept": "ssh", "expect": "reject"},
    {"arrive": "10.1.2.4:50004", "to": "192.168.1.10:22", "expect": "allow"},
    {"say": "With SO_ACCEPTEPERM, the application sees the rejection"},
    {"job": "HTTPD", "user": "QTMHHTTP", "program": "/usr/sbin/httpd"},
    {"listen": "[::]:443", "by": "HTTPD", "as": "web", "backlog": 2, "so_accepteperm": True},
    {"arrive": "10.66.0.9:50005", "to": "192.168.1.10:443"},
    {"accept": "web", "expect": "reject"},
    {"arrive": "[2001:db8::5]:50006", "to": "[2001:db8::10]:443"},
    {"accept": "web", "expect": "allow"},
    {"say": "connect(): allowed leaves a C entry, rejected fails with EPERM"},
    {"job": "CLIENT", "user": "WEBUSR", "program": "/usr/bin/curl"},
    {"connect": "10.9.8.7:443", "by": "CLIENT", "expect": "allow"},
    {"connect": "10.9.8.7:25", "by": "CLIENT", "expect": "reject"},
    {"say": "An allowed connect that the peer refuses leaves no C entry"},
    {"connect": "10.9.8.7:443", "by": "CLIENT", "refused": True, "expect": "fail"},
    {"say": "Another's exit program answers '9': it is not called again for this process"},
    {"addexitpgm": "QIBM_QSO_CONNECT", "number": 5, "program": "QGPL/TRUSTED", "answers": "9"},
    {"connect": "10.9.8.7:443", "by": "CLIENT", "from": "192.168.1.10:0", "expect": "allow"},
    {"connect": "10.9.8.7:443", "by": "CLIENT", "expect": "allow"},
    {"end": "CLIENT"},
    {"rmvexitpgm": "QIBM_QSO_CONNECT", "number": 5},
)
