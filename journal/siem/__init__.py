"""Journal entries as lines that a SIEM takes: CEF, LEEF 2.0, RFC 5424 syslog."""
