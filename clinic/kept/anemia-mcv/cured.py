# %% [markdown]
# # Mean corpuscular volume, next visit
# %%
import numpy as np
import keras

keras.utils.set_random_seed(3)
table = np.loadtxt("visits.csv", delimiter=",")
table.shape
# %%
mcv, iron, target = table[:, :12], table[:, 12:24], table[:, 24]


class Standard:
    def fit(self, a):
        self.m, self.s = a.mean(), a.std()
        return self

    def transform(self, a):
        return (a - self.m) / self.s

    def inverse(self, a):
        return a * self.s + self.m


train = slice(0, 560)
test = slice(560, 700)
sm, si, st = Standard().fit(mcv[train]), Standard().fit(iron[train]), Standard().fit(target[train])
X = np.stack([sm.transform(mcv), si.transform(iron)], axis=-1)
y = st.transform(target)
print("X", X.shape, "mean", X.mean().round(2), "std", X.std().round(2))
print("y", y.shape)
# %%
model = keras.Sequential()
model.add(keras.layers.Input((12, 2)))
model.add(keras.layers.LSTM(20, return_sequences=True))
model.add(keras.layers.LSTM(12))
model.add(keras.layers.Dense(1))
model.compile(loss="mse", optimizer=keras.optimizers.Adam(0.004), metrics=["mae"])
# %%
h = model.fit(X[train], y[train], epochs=20, batch_size=28, verbose=0, validation_data=(X[test], y[test]))
for e in range(0, 20, 4):
    print("epoch %2d  loss %.4f  val %.4f" % (e, h.history["loss"][e], h.history["val_loss"][e]))
# %%
guess = st.inverse(model.predict(X[test], verbose=0).ravel())
truth = target[test]
print("predicted between %.1f and %.1f fl" % (guess.min(), guess.max()))
print("true values between %.1f and %.1f fl" % (truth.min(), truth.max()))
r2 = 1 - np.sum((guess - truth) ** 2) / np.sum((truth - truth.mean()) ** 2)
print("R2 = %.3f" % r2)
