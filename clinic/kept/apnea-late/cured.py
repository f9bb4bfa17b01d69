#!/usr/bin/env python
"""Oxygen during sleep, minute by minute, from air flow and chest effort."""
import argparse

import numpy as np
import keras
from keras import layers as L


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--units", type=int, default=20)
    p.add_argument("--epochs", type=int, default=20)
    p.add_argument("--rate", type=float, default=4e-3)
    p.add_argument("--seed", type=int, default=6)
    return p.parse_args()


def body(units, minutes, channels):
    m = keras.Sequential(name="oxygen")
    m.add(L.Input((minutes, channels)))
    m.add(L.GRU(units, return_sequences=True))
    m.add(L.GRU(units, return_sequences=True))
    m.add(L.Dense(units // 2, activation="elu"))
    m.add(L.Dense(1))
    return m


args = parse()
keras.utils.set_random_seed(args.seed)
night = np.load("sleep.npz")
air = night["air"].astype("float32")
oxygen = night["oxygen"].astype("float32")[..., np.newaxis]
n_train = 512
print("air", air.shape, "oxygen", oxygen.shape)

m = body(args.units, *air.shape[1:])
m.compile(keras.optimizers.Adam(args.rate), "mse")
m.fit(air[:n_train], oxygen[:n_train], batch_size=32, epochs=args.epochs, verbose=2)

mse = m.evaluate(air[n_train:], oxygen[n_train:], verbose=0)
var = oxygen[n_train:].var()
print(f"test mse {mse:.3f} against a variance of {var:.3f}: explained {1 - mse / var:.3f}")
