import numpy as np
import keras

keras.utils.set_random_seed(42)
z = np.load("sailing.npz")
net = keras.Sequential()
net.add(keras.layers.Input((100, 2)))
net.add(keras.layers.SimpleRNN(16))
net.add(keras.layers.Dense(1, activation="sigmoid"))
net.compile(keras.optimizers.Adam(0.003), "binary_crossentropy", metrics=["accuracy"])
net.fit(z["x"][:720], z["y"][:720], epochs=15, batch_size=32, verbose=2)
print("accuracy", net.evaluate(z["x"][720:], z["y"][720:], verbose=0)[1])
