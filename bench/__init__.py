"""Measures what the design promises: `aispm bench`. One object of JSON a run, each figure in processes of its own."""
