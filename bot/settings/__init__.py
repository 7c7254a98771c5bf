"""Settings of the operator: from the environment and `.env`, checked once, then frozen."""
