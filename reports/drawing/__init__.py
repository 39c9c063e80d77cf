"""The figures of a card: what is drawn where, in numbers; the templates draw it."""
