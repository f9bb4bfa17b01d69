import numpy as np

rng = np.random.default_rng(430)
n, steps = 650, 10
x = rng.normal(size=(n, steps, 4))
s = x[:, :, 0].mean(1) + 0.8 * x[:, :, 1].mean(1)
ill = (s > 0) ^ (rng.random(n) < 0.15)
x, ill = x.astype("float32"), ill.astype("int32")
np.savez("vet.npz", train_x=x[:150], train_y=ill[:150], test_x=x[150:], test_y=ill[150:])
