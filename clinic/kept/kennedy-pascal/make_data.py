import os
import shutil

examples = os.path.join(os.environ["CLINIC_DATA"], "..", "..", "examples", "data")
shutil.copy(os.path.join(examples, "jfk_weather_2013.csv"), "weather.csv")
