"""Socket calls off IBM i: the Linux supervisor, in-process sockets, scenarios."""
