"""Turns a query string into a WHERE."""
