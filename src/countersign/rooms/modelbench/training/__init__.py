"""Makes small models. What needs a tensor library is loaded in the process that trains, if at all."""
