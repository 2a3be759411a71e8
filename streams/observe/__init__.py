"""What the processes say of themselves: metrics, all declared under `metrics/`, log lines, and the page that shows metrics and health."""
