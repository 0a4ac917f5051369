"""The page where an agency reads, and its responsable fixes, the working days it gives itself for its tasks."""
