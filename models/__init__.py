"""What is trained and measured: networks, normalisations, data, training, probes, bench."""
