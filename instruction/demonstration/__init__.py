"""The demonstration: a made-up regional campaign, played through the engine like any other."""
