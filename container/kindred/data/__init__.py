"""The pantry: channel folders in, values that check themselves out. Polars reads; nothing else does."""
