"""Figures that a claim rests on, measured side by side in one run."""
