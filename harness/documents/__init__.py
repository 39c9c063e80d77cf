"""verdicts.json: how verdicts are written down, merged and sealed."""
