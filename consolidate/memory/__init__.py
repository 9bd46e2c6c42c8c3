"""What the province remembers, brought to a merge: earlier figures, days, decisions, the record.

``opening`` opens it for a workspace; ``judging`` says of each file what follows from it; ``past``
knows what counted before; ``recording`` keeps the merge. A merge without a workspace imports none
of it, and only ``opening`` imports a database.
"""
