"""State that is carried from batch to batch, and layers that act differently in training."""
