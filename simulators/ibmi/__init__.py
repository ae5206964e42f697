"""A small, honest IBM i: objects, jobs, CL commands, SQL services, programs over bytes."""
