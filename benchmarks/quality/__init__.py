"""Recommendation quality under strong generalisation: ours, its ablations, and its peers, each tuned alike."""
