"""The door `serve`: from the body of a request to its answer, one model or many."""
