"""How much of what was planted each family of formats gives back, and how much it makes up."""
