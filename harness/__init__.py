"""How a claim is judged. Knows no torch, no paper and no HTML."""
