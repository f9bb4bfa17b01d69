import numpy as np
import keras

STEPS = 10


def windows(gate, flow, steps):
    count = len(gate) - steps
    x = np.lib.stride_tricks.sliding_window_view(gate, steps, axis=0)[:count].transpose(0, 2, 1)
    y = flow[steps - 1 :][:count]
    return x.astype("float32"), y.astype("float32")


def network(steps, sensors):
    inputs = keras.layers.Input((steps, sensors))
    state = keras.layers.GRU(20)(inputs)
    return keras.Model(inputs, keras.layers.Dense(1)(state))


def main():
    keras.utils.set_random_seed(5)
    z = np.load("weir.npz")
    x, y = windows(z["gate"], z["flow"], STEPS)
    cut = 1150
    model = network(*x.shape[1:])
    model.compile(keras.optimizers.Adam(4e-3), loss="mae")
    model.fit(x[:cut], y[:cut], batch_size=25, epochs=14, verbose=2)
    error = model.predict(x[cut:], verbose=0)[:, 0] - y[cut:]
    print("R2 on the last days %.3f" % (1 - np.mean(error**2) / np.var(y[cut:])))


if __name__ == "__main__":
    main()
