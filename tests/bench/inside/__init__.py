"""Programs that run beside a benchmark, as child processes: they may import the stages."""
