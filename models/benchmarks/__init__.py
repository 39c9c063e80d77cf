"""What training and measuring cost on a device: the parts of ``python -m models.benchmark``."""
