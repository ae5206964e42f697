"""The exit programs that run on IBM i: ILE C sources, and the rule image they decide from."""
