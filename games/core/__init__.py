"""What games share: the `Game` contract, positions, compiled kernels, the canvas, specs and the registry."""
