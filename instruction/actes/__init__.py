"""The acts of the path as pages: what will happen, to whom, for how much, asked once, done through the one door."""
