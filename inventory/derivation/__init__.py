"""Works out what no document states: roles, derived links, facts, attributes. Pure."""
