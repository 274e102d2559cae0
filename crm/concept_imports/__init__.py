"""Concepts of vocabularies of others become skills: what each of them changes, and the writing of it."""
