"""A judged collection of the project's own: generated profiles, and queries of many kinds whose answers are known."""
