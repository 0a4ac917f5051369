"""The inbox: what there is to do, for me, for my team, for nobody yet; taking it, handing it over, putting it off."""
