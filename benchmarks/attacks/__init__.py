"""Attacks on the running bot, one module for what is attacked."""
