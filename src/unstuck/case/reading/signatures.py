"""Keras's parameter names, for the arguments that people give by position."""

from __future__ import annotations

_INITIALIZERS = "use_bias kernel_initializer recurrent_initializer bias_initializer"
_CELL = f"units activation recurrent_activation {_INITIALIZERS}"
_SIMPLE = f"units activation {_INITIALIZERS}"
_MOMENTS = "learning_rate beta_1 beta_2 epsilon"
_CONVOLUTION = "filters kernel_size strides padding data_format dilation_rate groups activation"
_SCHEDULE = "initial_learning_rate decay_steps decay_rate staircase"
_PAIR = "y_true y_pred"

_SECTIONS = {
    "keras": {
        "Input": "shape batch_size dtype sparse ragged batch_shape name tensor",
        "Sequential": "layers trainable name",
        "Model": "inputs outputs name",
    },
    "keras.layers": {
        "LSTM": f"{_CELL} unit_forget_bias",
        "GRU": _CELL,
        "SimpleRNN": _SIMPLE,
        "LSTMCell": f"{_CELL} unit_forget_bias",
        "GRUCell": _CELL,
        "SimpleRNNCell": _SIMPLE,
        "RNN": "cell return_sequences return_state go_backwards stateful unroll",
        "StackedRNNCells": "cells",
        "ConvLSTM1D": "filters kernel_size strides padding data_format dilation_rate activation",
        "ConvLSTM2D": "filters kernel_size strides padding data_format dilation_rate activation",
        "Bidirectional": "layer merge_mode weights backward_layer",
        "TimeDistributed": "layer",
        "Dense": "units activation use_bias kernel_initializer bias_initializer",
        "EinsumDense": "equation output_shape activation bias_axes",
        "Embedding": "input_dim output_dim embeddings_initializer",
        "InputLayer": "shape batch_size dtype sparse ragged batch_shape",
        "Masking": "mask_value",
        "Activation": "activation",
        "Softmax": "axis",
        "ReLU": "max_value negative_slope threshold",
        "LeakyReLU": "negative_slope",
        "ELU": "alpha",
        "PReLU": "alpha_initializer",
        "Dropout": "rate noise_shape seed",
        "SpatialDropout1D": "rate seed",
        "GaussianDropout": "rate seed",
        "GaussianNoise": "stddev seed",
        "AlphaDropout": "rate noise_shape seed",
        "BatchNormalization": "axis momentum epsilon center scale",
        "LayerNormalization": "axis epsilon center scale",
        "UnitNormalization": "axis",
        "Normalization": "axis mean variance invert",
        "Rescaling": "scale offset",
        "Conv1D": _CONVOLUTION,
        "Conv2D": _CONVOLUTION,
        "SeparableConv1D": "filters kernel_size strides padding data_format dilation_rate",
        "MaxPooling1D": "pool_size strides padding data_format",
        "AveragePooling1D": "pool_size strides padding data_format",
        "MaxPooling2D": "pool_size strides padding data_format",
        "GlobalMaxPooling1D": "data_format keepdims",
        "GlobalAveragePooling1D": "data_format keepdims",
        "Flatten": "data_format",
        "Reshape": "target_shape",
        "Permute": "dims",
        "RepeatVector": "n",
        "Cropping1D": "cropping",
        "ZeroPadding1D": "padding",
        "UpSampling1D": "size",
        "Lambda": "function output_shape mask arguments",
        "Concatenate": "axis",
        "Dot": "axes normalize",
        "Add": "",
        "Average": "",
        "Maximum": "",
        "Multiply": "",
        "Subtract": "",
        "Layer": "",
        "Wrapper": "layer",
        "Attention": "use_scale score_mode dropout seed",
        "AdditiveAttention": "use_scale dropout",
        "MultiHeadAttention": "num_heads key_dim value_dim dropout use_bias output_shape",
        "TextVectorization": "max_tokens standardize split ngrams output_mode",
        "StringLookup": "max_tokens num_oov_indices mask_token oov_token vocabulary",
        "CategoryEncoding": "num_tokens output_mode sparse",
    },
    "keras.losses": {
        "BinaryCrossentropy": "from_logits label_smoothing axis reduction name",
        "CategoricalCrossentropy": "from_logits label_smoothing axis reduction name",
        "SparseCategoricalCrossentropy": "from_logits ignore_class reduction axis name",
        "BinaryFocalCrossentropy": "apply_class_balancing alpha gamma from_logits",
        "CategoricalFocalCrossentropy": "alpha gamma from_logits label_smoothing",
        "Huber": "delta reduction name",
        "MeanSquaredError": "reduction name",
        "MeanAbsoluteError": "reduction name",
        "MeanAbsolutePercentageError": "reduction name",
        "MeanSquaredLogarithmicError": "reduction name",
        "CosineSimilarity": "axis reduction name",
        "KLDivergence": "reduction name",
        "LogCosh": "reduction name",
        "Poisson": "reduction name",
        "Hinge": "reduction name",
        "SquaredHinge": "reduction name",
        "CategoricalHinge": "reduction name",
        "CTC": "reduction name",
        "Loss": "name reduction dtype",
        "binary_crossentropy": f"{_PAIR} from_logits label_smoothing axis",
        "categorical_crossentropy": f"{_PAIR} from_logits label_smoothing axis",
        "sparse_categorical_crossentropy": f"{_PAIR} from_logits ignore_class axis",
        "mean_squared_error": _PAIR,
        "mean_absolute_error": _PAIR,
        "huber": f"{_PAIR} delta",
        "kl_divergence": _PAIR,
    },
    "keras.optimizers": {
        "SGD": "learning_rate momentum nesterov weight_decay clipnorm clipvalue",
        "RMSprop": "learning_rate rho momentum epsilon centered",
        "Adam": f"{_MOMENTS} amsgrad",
        "AdamW": "learning_rate weight_decay beta_1 beta_2 epsilon amsgrad",
        "Adamax": _MOMENTS,
        "Nadam": _MOMENTS,
        "Adadelta": "learning_rate rho epsilon",
        "Adagrad": "learning_rate initial_accumulator_value epsilon",
        "Adafactor": "learning_rate beta_2_decay epsilon_1 epsilon_2 clip_threshold",
        "Ftrl": "learning_rate learning_rate_power initial_accumulator_value",
        "Lion": "learning_rate beta_1 beta_2 weight_decay",
        "LossScaleOptimizer": "inner_optimizer initial_scale dynamic_growth_steps",
    },
    "keras.optimizers.schedules": {
        "ExponentialDecay": _SCHEDULE,
        "InverseTimeDecay": _SCHEDULE,
        "CosineDecay": "initial_learning_rate decay_steps alpha name warmup_target warmup_steps",
        "CosineDecayRestarts": "initial_learning_rate first_decay_steps t_mul m_mul alpha",
        "PiecewiseConstantDecay": "boundaries values name",
        "PolynomialDecay": "initial_learning_rate decay_steps end_learning_rate power cycle",
    },
    "keras.callbacks": {
        "EarlyStopping": "monitor min_delta patience verbose mode baseline restore_best_weights",
        "ModelCheckpoint": "filepath monitor verbose save_best_only save_weights_only mode",
        "ReduceLROnPlateau": "monitor factor patience verbose mode min_delta cooldown min_lr",
        "LearningRateScheduler": "schedule verbose",
        "LambdaCallback": "on_epoch_begin on_epoch_end on_train_begin on_train_end",
        "TensorBoard": "log_dir histogram_freq",
        "CSVLogger": "filename separator append",
        "TerminateOnNaN": "",
        "Callback": "",
    },
    "keras.regularizers": {
        **dict.fromkeys(("L1", "l1"), "l1"),
        **dict.fromkeys(("L2", "l2"), "l2"),
        **dict.fromkeys(("L1L2", "l1_l2"), "l1 l2"),
    },
    "keras.constraints": {
        **dict.fromkeys(("MaxNorm", "max_norm"), "max_value axis"),
        **dict.fromkeys(("NonNeg", "non_neg"), ""),
        **dict.fromkeys(("UnitNorm", "unit_norm"), "axis"),
    },
    "keras.initializers": {
        "Zeros": "",
        "Ones": "",
        "Constant": "value",
        "RandomNormal": "mean stddev seed",
        "RandomUniform": "minval maxval seed",
        "TruncatedNormal": "mean stddev seed",
        "VarianceScaling": "scale mode distribution seed",
        "Orthogonal": "gain seed",
        "Identity": "gain",
        **dict.fromkeys(("GlorotUniform", "GlorotNormal", "HeNormal", "HeUniform"), "seed"),
    },
    "keras.utils": {
        "pad_sequences": "sequences maxlen dtype padding truncating value",
        "to_categorical": "x num_classes",
        "timeseries_dataset_from_array": (
            "data targets sequence_length sequence_stride sampling_rate batch_size shuffle seed"
        ),
        "set_random_seed": "seed",
        "normalize": "x axis order",
    },
    "keras.models": {
        "load_model": "filepath custom_objects compile safe_mode",
        "clone_model": "model input_tensors clone_function",
    },
}

METHODS = {
    "compile": (
        "optimizer loss loss_weights metrics weighted_metrics run_eagerly steps_per_execution "
        "jit_compile auto_scale_loss"
    ),
    "fit": (
        "x y batch_size epochs verbose callbacks validation_split validation_data shuffle "
        "class_weight sample_weight initial_epoch steps_per_epoch validation_steps "
        "validation_batch_size validation_freq"
    ),
    "fit_generator": "x steps_per_epoch epochs verbose callbacks validation_data",
    "evaluate": "x y batch_size verbose sample_weight steps callbacks return_dict",
    "predict": "x batch_size verbose steps callbacks",
    "train_on_batch": "x y sample_weight class_weight return_dict",
    "test_on_batch": "x y sample_weight return_dict",
    "predict_on_batch": "x",
    "add": "layer rebuild",
    "get_layer": "name index",
    "load_weights": "filepath skip_mismatch",
    "save": "filepath overwrite",
    "adapt": "data",
}

SIGNATURES: dict[str, tuple[str, ...]] = {
    **{
        f"{section}.{name}": tuple(parameters.split())
        for section, names in _SECTIONS.items()
        for name, parameters in names.items()
    },
    **{f"keras.Model.{name}": tuple(parameters.split()) for name, parameters in METHODS.items()},
}
"""Leading parameter names by canonical path; the rest can only be given by keyword in practice."""
