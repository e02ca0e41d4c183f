"""Monitors: functions that read a conversation and rate its suspicion; state is the ground truth."""

__all__: list[str] = []
