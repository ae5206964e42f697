"""A real IBM i through itoolkit: commands, SQL, attaching and deploying the exit programs."""
