"""Core layer: worlds, factors, scenarios, outcomes and presets. Does not use Inspect or call a model."""

__all__: list[str] = []
