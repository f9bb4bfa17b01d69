"""Rules on gradient flow through depth and time."""
