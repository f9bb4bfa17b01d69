"""Rules on overfitting and too much regularization."""
