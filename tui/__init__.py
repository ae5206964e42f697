"""The 5250-like screens: pure display and panels, and one adapter that draws them."""
