import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(18)
watch = np.load("watch.npz")
bpm = watch["bpm"]
motion = np.stack([watch["act"], watch["tilt"]], -1)
motion = (motion - motion.mean((0, 1))) / motion.std((0, 1))
rng = np.random.default_rng(4)
idx = rng.permutation(len(bpm))
tr, va, te = idx[:600], idx[600:700], idx[700:]

wrist = keras.Input((30, 2), name="wrist")
h = layers.GRU(18, return_sequences=True)(wrist)
h = layers.GlobalAveragePooling1D()(h)
h = layers.LayerNormalization()(h)
rate = layers.Dense(1, name="bpm")(h)
model = keras.Model(wrist, rate)
model.compile(optimizer=keras.optimizers.AdamW(0.002, weight_decay=1e-4), loss=keras.losses.Huber(5.0))
model.fit(
    motion[tr],
    bpm[tr],
    epochs=20,
    batch_size=25,
    validation_data=(motion[va], bpm[va]),
    callbacks=[keras.callbacks.TerminateOnNaN()],
    verbose=2,
)
est = model.predict(motion[te], verbose=0).squeeze()
print("mean of the watch", bpm[te].mean(), "mean of the model", est.mean())
print("mean absolute error", np.abs(est - bpm[te]).mean(), "of a constant", np.abs(bpm[te] - np.median(bpm[tr])).mean())
print("R2", 1 - ((est - bpm[te]) ** 2).sum() / ((bpm[te] - bpm[te].mean()) ** 2).sum())
