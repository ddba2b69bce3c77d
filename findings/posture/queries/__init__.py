"""Reads of posture rows, for a person or for the system."""

from findings.posture.queries.in_force import rulebook

__all__ = ["rulebook"]
