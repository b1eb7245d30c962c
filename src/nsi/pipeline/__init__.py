"""How notebooks are run: the graph, the lock, the kernels, the pages."""
