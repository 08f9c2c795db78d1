"""Two columns of which both drifted, reported by Evidently itself; the snapshot goes to standard output."""

import sys

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

reference = pd.DataFrame({"income": [1000 + i * 7 % 500 for i in range(400)], "age": [20 + i % 50 for i in range(400)]})
current = pd.DataFrame({"income": [5000 + i * 7 % 500 for i in range(400)], "age": [60 + i % 10 for i in range(400)]})
columns = DataDefinition(numerical_columns=["income", "age"])
report = Report([DataDriftPreset()], metadata={"model_name": "credit-risk", "model_version": "1"})
snapshot = report.run(Dataset.from_pandas(current, columns), Dataset.from_pandas(reference, columns))
sys.stdout.write(snapshot.dumps())
