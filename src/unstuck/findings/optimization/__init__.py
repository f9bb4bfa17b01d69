"""Rules on learning rate, batch size, optimizer, number of updates."""
