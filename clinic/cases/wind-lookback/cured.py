import numpy as np
import keras
from keras.models import Sequential
from keras.layers import Dense, LSTM, Input

keras.utils.set_random_seed(7)


# convert an array of values into a dataset matrix
def create_dataset(dataset, look_back=1):
    dataX, dataY = [], []
    for i in range(len(dataset) - look_back - 1):
        a = dataset[i:(i + look_back)]
        dataX.append(a)
        dataY.append(dataset[i + look_back])
    return np.array(dataX), np.array(dataY)


dataset = np.loadtxt("data.csv").astype("float32")
dataset = (dataset - dataset.min()) / (dataset.max() - dataset.min())
train_size = int(len(dataset) * 0.75)
train, test = dataset[:train_size], dataset[train_size:]

look_back = 12
trainX, trainY = create_dataset(train, look_back)
testX, testY = create_dataset(test, look_back)
trainX = np.reshape(trainX, (trainX.shape[0], trainX.shape[1], 1))
testX = np.reshape(testX, (testX.shape[0], testX.shape[1], 1))

model = Sequential()
model.add(Input((look_back, 1)))
model.add(LSTM(12))
model.add(Dense(1))
model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(0.005))
model.fit(trainX, trainY, epochs=45, batch_size=16, verbose=2)

testPredict = model.predict(testX, verbose=0)[:, 0]
print("Test R2: %.3f" % (1 - np.mean((testPredict - testY) ** 2) / np.var(testY)))
