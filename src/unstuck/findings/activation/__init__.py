"""Rules on activations inside and around the recurrent cell."""
