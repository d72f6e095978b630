"""The desk: requests in ids become numbers, numbers become answers in ids. It knows titles, filters and reasons."""
