"""The contract between output layer, loss, targets and metric."""
