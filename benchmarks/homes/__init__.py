"""Homes to be measured. Run by pytest."""
