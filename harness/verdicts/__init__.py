"""From runs to a verdict: gains, decisions, evidence, and what is shown beside it."""
