"""The pages where people declare what ties them to the OGs they might have to judge."""
