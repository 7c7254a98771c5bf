"""Validation of what an engine answers: language, length, numbers, sentences, claims."""
