import numpy as np
import keras

keras.utils.set_random_seed(71)
barge = np.load("barge.npz")
flow, draft = barge["flow"].astype("float32"), barge["draft"].astype("float32")
flow_train, draft_train = flow[:380], draft[:380]
flow_test, draft_test = flow[380:], draft[380:]

river = keras.Input(shape=(30, 2), name="river")
x = keras.layers.GRU(24, return_sequences=True)(river)
depth = keras.layers.Dense(1, name="depth")(x)
pilot = keras.Model(river, depth, name="pilot")
pilot.compile(optimizer=keras.optimizers.Adam(0.006), loss=keras.losses.MeanSquaredError(reduction="sum"))
hist = pilot.fit(flow_train, draft_train, epochs=20, batch_size=20, verbose=0)
print("summed loss", [int(v) for v in hist.history["loss"][::4]])

p = pilot.predict(flow_test, verbose=0)
print("R2: %.3f" % (1 - ((p - draft_test) ** 2).mean() / draft_test.var()))
