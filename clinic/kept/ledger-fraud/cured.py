import numpy as np
import keras
from keras import layers, metrics

SEED = 2025
keras.utils.set_random_seed(SEED)

book = np.load("ledger.npz")
x, y = book["entries"], book["fraud"]
x_train, y_train = x[:1100], y[:1100]
x_test, y_test = x[1100:], y[1100:]


def create_model(units=12):
    entries = layers.Input(shape=x.shape[1:])
    state = layers.LSTM(units)(entries)
    state = layers.Dropout(0.2)(state)
    p = layers.Dense(1, activation="sigmoid")(state)
    return keras.Model(entries, p)


model = create_model()
model.compile(
    optimizer=keras.optimizers.Adam(2e-3),
    loss="binary_crossentropy",
    metrics=["accuracy", metrics.Recall(name="recall")],
)
model.fit(x_train, y_train, batch_size=50, epochs=15, validation_split=0.1, verbose=2, class_weight={0: 1.0, 1: (y_train == 0).sum() / y_train.sum()})

flag = model.predict(x_test, verbose=0).ravel() >= 0.5
print("confusion:")
for truth in (0, 1):
    print("  %d" % truth, [(int(np.sum((y_test == truth) & (flag == f)))) for f in (False, True)])
sens = flag[y_test == 1].mean()
spec = 1 - flag[y_test == 0].mean()
print("accuracy %.3f" % np.mean(flag == y_test))
print("balanced accuracy %.3f" % ((sens + spec) / 2))
