"""One family of claims in one session: what it is asked with, and how its cells are judged."""
