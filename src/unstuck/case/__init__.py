"""What we were given: the model, its data and the script that made them."""
