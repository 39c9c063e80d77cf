"""How often is a verdict wrong? The decision rules, simulated where the truth is known.

``python -m harness.calibration`` writes the table that the report shows. Everything is counted
with the rules of ``harness.verdicts.decision``: exactly where outcomes can be listed, elsewhere on
many samples at once by ``harness.statistics.many``, which is tested to agree with ``decide``.
"""
