import numpy as np
import keras
from keras import layers

KINDS = 40


class Library(keras.utils.PyDataset):
    def __init__(self, loans, label, batch=25):
        super().__init__()
        self.loans, self.label, self.batch = loans, label, batch

    def __len__(self):
        return len(self.loans) // self.batch

    def __getitem__(self, index):
        part = slice(index * self.batch, (index + 1) * self.batch)
        return np.eye(KINDS, dtype="float32")[self.loans[part]], self.label[part]


keras.utils.set_random_seed(36)
with np.load("library.npz") as f:
    loans, label = f["loans"], f["label"]
model = keras.Sequential([layers.Input((loans.shape[1], KINDS)), layers.LSTM(20), layers.Dense(1, activation="sigmoid")])
model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
model.fit(Library(loans[:850], label[:850]), epochs=16, verbose=2)
print("accuracy", model.evaluate(Library(loans[850:], label[850:]), verbose=0)[1])
