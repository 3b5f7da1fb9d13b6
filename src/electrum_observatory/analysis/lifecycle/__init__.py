"""How servers live: when they are there, when they leave, and what changes about them."""
