"""The GRADeS's workspace: risks of the région, annotations, opinion, support plans."""
