"""Published detectors, written anew over what a recording holds: what others would have said.

Each baseline gives symptoms in its own words, and the causes that a reader could take each symptom
for, as generously as is fair. The sources of the thresholds are the papers named in each file.
"""

from __future__ import annotations

from clinic.baselines.autotrainer import AutoTrainer
from clinic.baselines.deepdiagnosis import DeepDiagnosis
from clinic.baselines.deeplocalize import DeepLocalize
from clinic.baselines.symptoms import Baseline
from clinic.baselines.umlaut import Umlaut

BASELINES: tuple[Baseline, ...] = (Umlaut(), AutoTrainer(), DeepDiagnosis(), DeepLocalize())
