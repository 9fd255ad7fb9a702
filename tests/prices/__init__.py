"""Price sources."""
