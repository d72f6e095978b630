"""The recommender's workshop: k-means block ridge (KBR) on arrays. It knows no ids, no files, no SageMaker."""
