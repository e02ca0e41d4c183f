"""Presets: named sets of arms, including the published study's arms under their published names. No Inspect, no LLM."""

from peerwatch.core.presets._presets import PRESETS, Preset, PresetArm

__all__ = [
    # the presets
    "PRESETS",
    "Preset",
    "PresetArm",
]
