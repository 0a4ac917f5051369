class Ecarte(ValueError):
    """This document is not taken; the message is the French sentence to show, which says what to do."""
