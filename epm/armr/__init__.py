"""ARMR: the language, its socket rules on the one engine, its events. No I/O."""
