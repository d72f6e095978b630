"""The letter box: bytes in, rows out, and the way back; one file a content type, and none knows HTTP."""
