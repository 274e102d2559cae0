"""`make bench`: the whole stack beside the bare engine, a plain ORM search and an expert's search in PostgreSQL."""
