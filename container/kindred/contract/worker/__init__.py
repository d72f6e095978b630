"""A worker beneath gunicorn's arbiter: callers, threads and time; it knows bytes of HTTP, and no request's meaning."""
