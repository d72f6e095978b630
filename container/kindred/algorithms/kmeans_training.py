"""The story of training k-means: read, go on from a checkpoint or begin, learn, measure, put on the shelf."""

from kindred.algorithms import kmeans_checkpoints, kmeans_earlier, kmeans_hosts, kmeans_learning, kmeans_shelving
from kindred.algorithms.kmeans_measuring import measured
from kindred.algorithms.kmeans_plan import choose, plan
from kindred.contract.port import Job, Outcome


def train(job: Job) -> Outcome:
    """Cluster the channel `train` and leave the artefact. Raises UserError for data that cannot be clustered so."""
    with job.losing_nothing():
        material = kmeans_hosts.read(job)
        earlier = kmeans_earlier.read(job, material.train)
        keeper = kmeans_checkpoints.keeper(job, material, earlier)
        kept = kmeans_checkpoints.newest(keeper)
    choice = kept.choice if kept else choose(job, material, earlier)
    planned = plan(job, material, choice.k, earlier=earlier)
    stage = kept or kmeans_learning.begin(job, material, planned, choice=choice, earlier=earlier)
    if kept is None and job.stop.is_set():
        # What was chosen or drawn in a hurry is no stage of a job that nobody hurries.
        keeper = kmeans_checkpoints.nowhere()
    learnt = kmeans_learning.learn(job, material, planned, stage=stage, keeper=keeper, earlier=earlier)
    metrics = {} if learnt.found is None else measured(job, material, learnt.centroids, learnt.found)
    notes = (*material.notes, *choice.because, *learnt.notes)
    kmeans_shelving.shelve(job, material, learnt, metrics=metrics, notes=notes)
    if job.stop.is_set():
        keeper.keep()
    return Outcome(metrics=metrics, notes=notes)
