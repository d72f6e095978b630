"""LensKit's own item-kNN for implicit feedback (Ekstrand 2020): sums the likenesses of the nearest rated neighbours.

It takes no weights of the history.
"""

import numpy as np
import pandas as pd
from lenskit.data import ItemList, RecQuery, from_interactions_df
from lenskit.knn import ItemKNNScorer

GRID = {"max_nbrs": (5, 10, 20, 50, 100), "min_sim": (1e-6, 0.02, 0.05)}


def fit(given, _seed, *, max_nbrs, min_sim):
    users, items = given.x.nonzero()
    scorer = ItemKNNScorer(feedback="implicit", max_nbrs=max_nbrs, min_sim=min_sim)
    scorer.train(from_interactions_df(pd.DataFrame({"user_id": users, "item_id": items})))
    everything = ItemList(item_ids=np.arange(given.x.shape[1]))

    def score(histories):
        scores = np.zeros(histories.shape)
        for row in range(histories.shape[0]):
            seen = histories.indices[histories.indptr[row] : histories.indptr[row + 1]]
            found = scorer(RecQuery(user_items=ItemList(item_ids=seen)), everything).scores()
            scores[row] = np.nan_to_num(found, nan=-1.0)
        return scores

    return score
