"""epm: an exit-point manager for the socket exit points of IBM i that runs anywhere."""

__version__ = "0.1.0"
