"""What a claim file says: claims, endpoints, hypotheses, figures and their checks."""
