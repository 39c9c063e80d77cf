"""Whether a document follows from its own numbers: ``claims check``."""
