"""The main job on a fictional company, without a network: `make demo`."""
