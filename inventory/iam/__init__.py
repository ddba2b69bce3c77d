"""AWS's policy language, evaluated offline: who may do what, as far as documents can tell. Pure."""
