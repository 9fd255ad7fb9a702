"""Flatpeak: switch loads in the cheapest, or dearest, windows of a dynamic tariff."""
