"""Calling the user's handler as Lambda does. The law: the handler is a guest; whatever it does becomes an `Ending`."""
