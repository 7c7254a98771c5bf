"""Regular expressions: what all that read text have in common."""
