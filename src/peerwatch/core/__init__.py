"""Core: what every other part rests on. Worlds, factors, scenarios, outcomes and presets; no Inspect, no model."""

__all__: list[str] = []
