"""A tap on a stream keeps what fit consumes, and fit doesn't notice."""

from __future__ import annotations

import random

import keras
import numpy as np
import pytest

from unstuck.case.data import data_facts
from unstuck.case.fitting import fit_arguments, fit_facts
from unstuck.case.stream import BATCH_CAP, Tap

pytestmark = pytest.mark.backends

SAMPLES, STEPS, FEATURES, BATCH = 24, 5, 2, 4


def arrays():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(SAMPLES, STEPS, FEATURES)).astype("float32")
    return x, x.sum(axis=(1, 2))[:, None].astype("float32")


def counting_generator(log):
    """Has a counter and draws from the global generators, as people's generators do."""
    x, y = arrays()
    while True:
        rows = np.random.randint(0, SAMPLES, BATCH)
        random.random()
        log.append(rows)
        yield x[rows], y[rows]


class Batches(keras.utils.PyDataset):
    def __init__(self, log, **settings):
        super().__init__(**settings)
        self.log = log
        self.x, self.y = arrays()

    def __len__(self):
        return SAMPLES // BATCH

    def __getitem__(self, index):
        self.log.append(index)
        rows = slice(index * BATCH, (index + 1) * BATCH)
        return self.x[rows], self.y[rows]


def tf_dataset(log):
    tf = pytest.importorskip("tensorflow")
    tf.random.set_seed(3)
    return tf.data.Dataset.from_tensor_slices(arrays()).shuffle(SAMPLES).batch(BATCH)


def torch_loader(log):
    torch = pytest.importorskip("torch")
    torch.manual_seed(3)

    class Rows(torch.utils.data.Dataset):
        def __init__(self):
            self.x, self.y = arrays()

        def __len__(self):
            return SAMPLES

        def __getitem__(self, index):
            log.append(index)
            return self.x[index], self.y[index]

    return torch.utils.data.DataLoader(Rows(), batch_size=BATCH, shuffle=True)


SOURCES = {
    "generator": (counting_generator, {"steps_per_epoch": 5}),
    "PyDataset": (Batches, {}),
    "tf.data": (tf_dataset, {}),
    "tf.data, repeated": (lambda log: tf_dataset(log).repeat(), {"steps_per_epoch": 4}),
    "torch.DataLoader": (torch_loader, {}),
}


class Tapped(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.tap = self.facts = None

    def on_train_begin(self, logs=None):
        arguments = fit_arguments(self.model)
        self.facts = fit_facts(arguments)
        self.tap = Tap(arguments)

    def on_train_end(self, logs=None):
        self.tap.close()


def train(name, callbacks, epochs=4, **settings):
    keras.utils.set_random_seed(1)
    make, how = SOURCES[name]
    log = []
    model, history = train_on(make(log), callbacks, epochs, how, **settings)
    drawn = np.random.random(), random.random()
    return model.get_weights(), history.history, log, drawn, model


def train_on(data, callbacks, epochs=4, how=None, **settings):
    layers = keras.layers  # no recurrent layer: a tap knows nothing of layers, and they take long
    model = keras.Sequential(
        [keras.Input((STEPS, FEATURES)), layers.Flatten(), layers.Dropout(0.2), layers.Dense(1)]
    )
    model.compile("adam", "mse", **settings)
    return model, model.fit(data, epochs=epochs, verbose=0, callbacks=callbacks, **(how or {}))


@pytest.mark.parametrize("name", SOURCES)
def test_training_is_the_same_to_the_last_bit(name):
    watcher = Tapped()
    plain = train(name, [])
    tapped = train(name, [watcher])
    for left, right in zip(plain[0], tapped[0], strict=True):
        np.testing.assert_array_equal(left, right)
    assert plain[1] == tapped[1]
    if keras.backend.backend() == "tensorflow" and name != "torch.DataLoader":
        # TensorFlow reads ahead, as far as its threads get: only the start is sure.
        assert list(map(str, plain[2]))[:10] == list(map(str, tapped[2]))[:10]
    else:
        assert sorted(map(str, plain[2])) == sorted(map(str, tapped[2]))
        assert plain[3] == tapped[3]
    assert watcher.tap.reason is None
    assert len(watcher.tap.batches) == BATCH_CAP
    assert watcher.facts.source == name.split(",")[0]
    assert_from_the_data(watcher.tap.batches)


def assert_from_the_data(batches):
    x, y = arrays()
    pairs = {row.tobytes(): target.item() for row, target in zip(x, y, strict=True)}
    for inputs, targets, weights in batches:
        assert weights is None
        assert inputs.shape == (BATCH, STEPS, FEATURES)
        for row, target in zip(inputs, targets, strict=True):
            assert pairs[row.tobytes()] == target.item()


def test_worker_threads():
    # Keras on JAX loses some batches of such data by a race of its own, so no two runs agree.
    watcher = Tapped()
    keras.utils.set_random_seed(1)
    train_on(Batches([], workers=2, max_queue_size=2), [watcher])
    assert watcher.tap.reason is None
    assert len(watcher.tap.batches) >= SAMPLES // BATCH
    assert_from_the_data(watcher.tap.batches)


def test_batches_of_a_generator_come_in_its_order():
    watcher = Tapped()
    _, _, log, _, _ = train("generator", [watcher], epochs=1)
    x, _ = arrays()
    for (inputs, _, _), rows in zip(watcher.tap.batches[2:], log[2:], strict=False):
        np.testing.assert_array_equal(inputs, x[rows])


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="Keras on torch refuses it")
@pytest.mark.parametrize("name", ["generator", "tf.data"])
def test_several_steps_in_one_execution(name):
    watcher = Tapped()
    plain = train(name, [], steps_per_execution=2)
    tapped = train(name, [watcher], steps_per_execution=2)
    for left, right in zip(plain[0], tapped[0], strict=True):
        np.testing.assert_array_equal(left, right)
    assert len(watcher.tap.batches) == BATCH_CAP


def test_run_eagerly():
    watcher = Tapped()
    train("PyDataset", [watcher], run_eagerly=True, epochs=1)
    assert len(watcher.tap.batches) == SAMPLES // BATCH


def test_facts_of_a_stream_have_no_number_of_samples():
    watcher = Tapped()
    model = train("PyDataset", [watcher])[-1]
    inputs, targets = data_facts(model, watcher.tap).arrays
    assert (inputs.role, inputs.shape, inputs.read) == ("input", (None, STEPS, FEATURES), 64)
    assert (targets.role, targets.shape, targets.complete) == ("target", (None, 1), False)
    seen = np.concatenate([batch[0] for batch in watcher.tap.batches]).astype("float64")
    assert inputs.mean == pytest.approx(seen.mean())
    assert inputs.std == pytest.approx(seen.std())


def test_validation_batches_can_be_tapped_too():
    taps = []

    class Watch(keras.callbacks.Callback):
        def on_test_begin(self, logs=None):
            taps.append(Tap(fit_arguments(self.model, "evaluate")))

        def on_test_end(self, logs=None):
            taps[-1].close()

    x, _ = arrays()
    how = {"validation_data": Batches([])}
    keras.utils.set_random_seed(1)
    train_on(Batches([]), [Watch()], epochs=1, how=how)
    np.testing.assert_array_equal(np.concatenate([batch[0] for batch in taps[0].batches]), x)


def test_closed_tap_leaves_the_iterator_as_it_was():
    seen = []

    class Closing(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            iterator = fit_arguments(self.model).epoch_iterator
            before = dict(vars(iterator))
            tap = Tap(fit_arguments(self.model))
            assert vars(iterator) != before
            tap.close()
            seen.append((vars(iterator) == before, tap))

    train("generator", [Closing()])
    assert seen[0][0]
    assert seen[0][1].batches == []


def test_batches_are_copies():
    watcher = Tapped()
    train("generator", [watcher], epochs=1)
    watcher.tap._full = False
    held = np.ones((BATCH, STEPS, FEATURES))
    watcher.tap.keep((held, held))
    held[:] = 0  # as a generator does that fills the same array again
    assert (watcher.tap.batches[-1][0] == 1).all()


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="its own kinds of tensors")
def test_pipelines_with_elements_of_other_kinds():
    import tensorflow as tf

    from unstuck.backends.tf_data import tapped

    ragged = tf.ragged.constant([[1, 2, 3], [4]])
    sparse = tf.sparse.from_dense([[0.0, 2.0], [3.0, 0.0]])
    text = tf.constant(["a", "b"])
    parts = {"ragged": ragged, "pair": (sparse, text)}
    dataset = tf.data.Dataset.from_tensor_slices(parts).batch(2).repeat(3)
    seen = []
    watched = tapped(dataset, seen.append, 2)
    assert watched.element_spec == dataset.element_spec
    passed = list(watched)
    assert len(passed) == 3
    assert isinstance(passed[0]["ragged"], tf.RaggedTensor)
    assert len(seen) == 2
    assert seen[0]["ragged"].tolist() == [[1, 2, 3], [4, 0, 0]]
    assert seen[0]["pair"][0].tolist() == [[0, 2], [3, 0]]
    assert seen[0]["pair"][1].tolist() == [b"a", b"b"]


def test_missing_sample_weights_in_a_generator():
    def batches():
        x, y = arrays()
        while True:
            yield x[:BATCH], y[:BATCH], None

    watcher = Tapped()
    keras.utils.set_random_seed(1)
    train_on(batches(), [watcher], epochs=1, how={"steps_per_epoch": 3})
    assert watcher.tap.reason is None
    assert [batch[2] for batch in watcher.tap.batches] == [None] * 3


def test_class_weights_arrive_with_the_batches():
    watcher = Tapped()
    keras.utils.set_random_seed(1)
    how = {"class_weight": {0: 1.0, 1: 3.0}}
    data = Batches([])
    data.y = (np.arange(SAMPLES) % 2).astype("float32")[:, None]
    train_on(data, [watcher], epochs=1, how=how)
    for _, targets, weights in watcher.tap.batches:
        np.testing.assert_array_equal(weights, 1 + 2 * targets[:, 0])


def test_unreadable_batches_end_the_tap_and_not_the_training():
    class Odd:
        shape = (BATCH,)

        def __array__(self, *args, **kwargs):
            raise RuntimeError("no values here")

    watcher = Tapped()
    train("generator", [watcher], epochs=1)
    tap = Tap(type("Arguments", (), {"epoch_iterator": object(), "validation_data": None})())
    assert "Keras" in tap.reason
    watcher.tap._full = False
    watcher.tap.keep((Odd(), Odd()))
    assert "no values here" in watcher.tap.reason
