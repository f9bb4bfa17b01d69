"""Rules on padding, masks and embeddings."""
