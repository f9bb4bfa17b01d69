import numpy as np

rng = np.random.default_rng(1987)
r = rng.standard_t(4, 1400) * 0.01
v = np.abs(r) * rng.lognormal(0, 0.3, 1400)
np.savetxt("quotes.csv", np.c_[100 * np.exp(np.cumsum(r)), v], delimiter=",", header="close,volume", comments="")
