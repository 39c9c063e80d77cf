"""What pytest's hooks do: options, collection, the training phase, outcomes, the last lines."""
