import numpy as np
import keras


def main(seed=3):
    keras.utils.set_random_seed(seed)
    z = np.load("trial.npz")
    x, arm = z["x"].astype("float32"), z["arm"].astype("float32")
    perm = np.random.permutation(len(x))
    x, arm = x[perm], arm[perm]
    x_val, x_test, x_train = x[:18], x[18:140], x[140:]
    y_val, y_test, y_train = arm[:18], arm[18:140], arm[140:]

    model = keras.Sequential()
    model.add(keras.Input((14, 2)))
    model.add(keras.layers.LSTM(12))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    model.compile(
        optimizer=keras.optimizers.RMSprop(0.004),
        loss=keras.losses.BinaryCrossentropy(),
        metrics=["accuracy"],
    )
    saver = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda e, logs: print(e, *("%s=%.3f" % i for i in logs.items()))
    )
    model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=14, batch_size=19, verbose=0, callbacks=[saver])
    print("test accuracy %.3f" % model.evaluate(x_test, y_test, verbose=0)[1])


main()
