import os
import shutil

shutil.copy(os.path.join(os.environ["CLINIC_DATA"], "first_names.csv"), "first_names.csv")
