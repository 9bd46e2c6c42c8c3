"""Steps from an empty database to today's tables; run by ``migrate.bring_up_to_date``."""
