#!/usr/bin/env python
import argparse
import numpy as np
import keras
from keras import layers, metrics


def parse():
    p = argparse.ArgumentParser(description="leak detector")
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--batch-size", type=int, default=64)
    p.add_argument("--epochs", type=int, default=10)
    p.add_argument("--seed", type=int, default=0)
    return p.parse_args()


def network(shape):
    x = inp = layers.Input(shape)
    x = layers.LSTM(16)(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(inp, layers.Dense(1, activation="sigmoid")(x))


def main():
    args = parse()
    keras.utils.set_random_seed(args.seed)
    d = np.load("data.npz")
    flow, leak = d["flow"], d["leak"]
    n = int(0.7 * len(flow))
    net = network(flow.shape[1:])
    net.compile(keras.optimizers.Adam(args.lr), "binary_crossentropy", metrics=["accuracy"])
    net.fit(flow[:n], leak[:n], batch_size=args.batch_size, epochs=args.epochs, verbose=2)
    print("accuracy", net.evaluate(flow[n:], leak[n:], verbose=0)[1])
    found = net.predict(flow[n:], verbose=0)[:, 0] > 0.5
    sens = found[leak[n:] == 1].mean()
    spec = 1 - found[leak[n:] == 0].mean()
    print(f"sensitivity {sens:.3f} specificity {spec:.3f} mean {(sens + spec) / 2:.3f}")


if __name__ == "__main__":
    main()
