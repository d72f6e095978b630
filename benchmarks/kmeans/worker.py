"""One timing in a process of its own: `worker.py MODEL ROWS.npy SEED THREADS`. Prints one line of JSON."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

K = 1024
PASSES = 20
FULL_PASSES = 2
CHUNK_ROWS, PART_ROWS = 256, 8192
BATCH_ROWS = 4096


def main(model: str, path: str, seed: int, threads: int) -> dict[str, float]:
    rows = np.load(path)
    start = rows[np.sort(np.random.default_rng(seed).choice(len(rows), K, replace=False))]
    fit = MODELS[model](threads)
    began, burnt = time.perf_counter(), time.process_time()
    centroids = fit(rows, start, seed)
    seconds, cpu = time.perf_counter() - began, time.process_time() - burnt
    return {"seconds": seconds, "cpu": cpu, "msd": _msd(rows, centroids, threads), "load": os.getloadavg()[0]}


def _msd(rows, centroids, threads):
    from kindred.clustering.assignment import sweep
    from kindred.engine.pool import Threads
    from kindred.engine.shards import Local

    found = sweep(Local([rows]), np.ascontiguousarray(centroids, np.float32), pool=Threads(threads))
    return float(found.squares.sum()) / len(rows)


def _sgemm(threads):
    """The products of every pass and nothing else, each into a buffer that stays in the cache."""

    def fit(rows, start, _seed):
        def part(begin):
            scores = np.empty((CHUNK_ROWS, K), np.float32)
            for low in range(begin, min(begin + PART_ROWS, len(rows)), CHUNK_ROWS):
                chunk = rows[low : low + CHUNK_ROWS]
                np.matmul(chunk, against, out=scores[: len(chunk)])

        against = np.ascontiguousarray(start.T)
        with threadpool_limits(1), ThreadPoolExecutor(threads, "sgemm", threadpool_limits, (1,)) as pool:
            for _ in range(PASSES):
                list(pool.map(part, range(0, len(rows), PART_ROWS)))
        return start

    return fit


def _scikit_learn(_threads):
    from sklearn.cluster import KMeans

    def fit(rows, start, _seed):
        return KMeans(K, init=start, n_init=1, max_iter=PASSES, tol=0, algorithm="lloyd").fit(rows).cluster_centers_

    return fit


def _intelex(_threads):
    from sklearnex.cluster import KMeans

    def fit(rows, start, _seed):
        return KMeans(K, init=start, n_init=1, max_iter=PASSES, tol=0, algorithm="lloyd").fit(rows).cluster_centers_

    return fit


def _faiss(threads):
    import faiss

    faiss.omp_set_num_threads(threads)

    def fit(rows, start, seed):
        model = faiss.Kmeans(rows.shape[1], K, niter=PASSES, seed=seed + 1, max_points_per_centroid=len(rows))
        model.train(rows, init_centroids=start)
        return model.centroids

    return fit


def _mini_batch(_threads, *, patience=None):
    """As many passes as the others; with `patience` it ends early, after so many batches without gain."""
    from sklearn.cluster import MiniBatchKMeans

    def fit(rows, start, seed):
        stop = {"max_iter": PASSES, "max_no_improvement": patience}
        model = MiniBatchKMeans(K, init=start, n_init=1, batch_size=BATCH_ROWS, random_state=seed, **stop)
        return model.fit(rows).cluster_centers_

    return fit


def _plain(threads):
    from kindred.clustering.lloyd import lloyd
    from kindred.engine.pool import Threads

    def fit(rows, start, seed):
        rng = np.random.default_rng(seed)
        return lloyd(rows, start, rng=rng, pool=Threads(threads), passes=PASSES, tolerance=0)[0]

    return fit


def _nested(threads):
    from kindred.clustering import nested
    from kindred.clustering.lloyd import lloyd
    from kindred.engine.pool import Threads
    from kindred.engine.shards import Local

    def fit(rows, start, seed):
        rng, pool = np.random.default_rng(seed), Threads(threads)
        grown = nested.grown(Local([rows]), start, rng=rng, pool=pool)
        return lloyd(rows, grown, rng=rng, pool=pool, passes=FULL_PASSES, tolerance=0)[0]

    return fit


MODELS = {
    "sgemm alone": _sgemm,
    "scikit-learn": _scikit_learn,
    "scikit-learn-intelex": _intelex,
    "faiss": _faiss,
    "MiniBatchKMeans": _mini_batch,
    "MiniBatchKMeans, ends early": partial(_mini_batch, patience=10),
    "ours, plain": _plain,
    "ours, split–merge": _nested,
}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
