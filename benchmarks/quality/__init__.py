"""Recommendation quality under three protocols: ours, its ablations, and its peers, each tuned alike."""
