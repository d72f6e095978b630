"""The page that training leaves for people: one HTML file that needs nothing beside it."""
