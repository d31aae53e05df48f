"""The crash drill: a campaign to made-up readers while workers are killed and servers fall, and the sum of who got what.

Both `ukebrev selftest` and `make chaos` run it. It may import everything: it plays all roles, as the demo does.
"""
