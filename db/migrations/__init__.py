"""Migrations of the rule store; :mod:`db.schema` runs them."""
