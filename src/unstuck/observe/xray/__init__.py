"""X-rays: what happens inside recurrent cells, at each gate, time step and unit.

``trace`` holds what one x-ray sees as arrays, ``facts`` what is kept of it in a recording. Neither
imports Keras, so that rules and reports can read them. ``sites`` and ``cells`` know Keras's
layers, ``replay`` runs a model with its loops opened, ``checks`` holds the replay to the model.
"""
