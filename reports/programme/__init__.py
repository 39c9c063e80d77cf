"""A card's whole programme, and the evidence that its store comes to."""
