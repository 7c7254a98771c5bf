"""What of a text an engine must not touch, and the text around it: masked, cut, and set again."""
