"""Presets: named sets of arms, among them the published study's under its own names. No Inspect, no LLM."""

from peerwatch.core.presets._presets import PRESETS, Preset, PresetArm

__all__ = [
    # the presets
    "PRESETS",
    "Preset",
    "PresetArm",
]
