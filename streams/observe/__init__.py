"""What the processes say of themselves: metrics, all declared in `metrics.py`, and log lines."""
