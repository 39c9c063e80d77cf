"""Values that were measured elsewhere, judged by the same rule."""
