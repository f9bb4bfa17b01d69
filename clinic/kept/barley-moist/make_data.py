import numpy as np

rng = np.random.default_rng(17)
days = 1200
rain = np.maximum(0, rng.normal(-0.4, 1, days))
heat = np.sin(np.arange(days) / 58) + 0.3 * rng.normal(size=days)
soil = np.zeros(days)
for d in range(1, days):
    soil[d] = 0.9 * soil[d - 1] + 0.5 * rain[d] - 0.12 * (1 + heat[d]) + 0.03 * rng.normal()
soil = (soil - soil.mean()) / soil.std()
np.savetxt("field.csv", np.c_[rain, heat, soil], delimiter=";", header="rain;heat;soil")
