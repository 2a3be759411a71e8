"""What the processes say of themselves: metrics, all declared under `metrics/`, and log lines."""
