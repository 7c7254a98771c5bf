"""Translation engines: a file each, the errors they share, and the registry."""
