"""Benches of further papers: ``claims new-paper SLUG`` begins one."""
