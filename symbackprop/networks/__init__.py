"""Networks, activations, costs, notations and the forward program."""
