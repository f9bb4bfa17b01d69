"""
Title: Invent series with two networks that play against each other
"""

import keras
import numpy as np
from keras import layers

latent_dim = 16
time_steps = 48
batch_size = 64
epochs = 50


def build_generator():
    model = keras.Sequential(name="generator")
    model.add(keras.Input((latent_dim,)))
    model.add(layers.RepeatVector(time_steps))
    model.add(layers.LSTM(64, return_sequences=True))
    model.add(layers.TimeDistributed(layers.Dense(1, activation="tanh")))
    return model


def build_discriminator():
    series = keras.Input((time_steps, 1))
    x = layers.Bidirectional(layers.LSTM(64))(series)
    x = layers.Dropout(0.3)(x)
    real = layers.Dense(1, activation="sigmoid")(x)
    return keras.Model(series, real, name="discriminator")


x_train = np.load("series.npy")
x_train = 2 * (x_train - x_train.min()) / (x_train.max() - x_train.min()) - 1

discriminator = build_discriminator()
discriminator.compile(
    optimizer=keras.optimizers.Adam(2e-4, beta_1=0.5), loss="binary_crossentropy"
)
generator = build_generator()

noise = keras.Input((latent_dim,))
fake = generator(noise)
# Only the generator is trained in the combined model.
discriminator.trainable = False
combined = keras.Model(noise, discriminator(fake))
combined.compile(optimizer=keras.optimizers.Adam(2e-4, beta_1=0.5), loss="binary_crossentropy")

for epoch in range(epochs):
    for _ in range(len(x_train) // batch_size):
        real = x_train[np.random.randint(0, len(x_train), batch_size)]
        made = generator.predict(np.random.normal(size=(batch_size, latent_dim)), verbose=0)
        x = np.concatenate([real, made])
        y = np.concatenate([np.ones((batch_size, 1)), np.zeros((batch_size, 1))])
        d_loss = discriminator.train_on_batch(x, y)
        seeds = np.random.normal(size=(2 * batch_size, latent_dim))
        g_loss = combined.train_on_batch(seeds, np.ones((2 * batch_size, 1)))
    print("epoch", epoch, "discriminator", d_loss, "generator", g_loss)
