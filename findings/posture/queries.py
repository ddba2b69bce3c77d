"""Reads of rows, for a person or for the system."""
