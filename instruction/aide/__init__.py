"""The requests for help of a région, for those who answer them."""
