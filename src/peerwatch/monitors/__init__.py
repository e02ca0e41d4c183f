"""Monitors: functions that read a conversation and say how suspicious it is, measured against what state shows."""

__all__: list[str] = []
