"""Builders: one function a kind of thing, good by default, made bad by saying so. The estate and tests use them."""
