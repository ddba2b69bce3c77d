"""Manifests in files, judged as the cluster would be that they make: without a cluster, database or network."""
