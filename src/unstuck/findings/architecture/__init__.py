"""Size and shape of the network."""
