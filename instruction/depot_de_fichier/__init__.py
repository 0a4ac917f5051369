"""The page where a porteur or an officer hands over a file of dossiers."""
