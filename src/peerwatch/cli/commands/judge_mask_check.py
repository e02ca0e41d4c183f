"""`peerwatch judge mask-check`: measure how much about the subject can be recognized despite the judge's mask."""

from collections.abc import Sequence

from peerwatch.cli.judge import MaskCheckOptions
from peerwatch.cli.output import console, print_json, table
from peerwatch.core.errors import choices
from peerwatch.core.factors import FACTORS, ArmError
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.judging.audits import MaskCheck, Separation, check_mask

AIM = (0.45, 0.55)
"""Range of the AUROC for a mask that hides everything (0.5 is chance)."""

COLUMNS = ("arms", "masked", "unmasked", "episodes", "worlds", "most informative words")


def mask_check(options: MaskCheckOptions) -> None:
    """Measure the mask and print the result.

    Raises:
        ArmError: If a scenario or setting is unknown, or no scenario has the setting.
    """
    setting = options.setting
    for name in options.scenarios:
        if name not in SCENARIOS:
            raise ArmError(f"{name} is not a scenario. {choices(name, SCENARIOS)}")
    levels = list(FACTORS["setting"].levels)
    if setting and setting not in levels:
        raise ArmError(f"setting={setting} is not a level. {choices(setting, levels)}")
    chosen = [
        name
        for name in options.scenarios or SCENARIOS
        if not setting or setting in SCENARIOS[name].text.factors.get("setting", ())
    ]
    if not chosen:
        raise ArmError(f"none of the named scenarios has setting={setting}. Name others, or drop --scenario.")
    checks = check_mask(chosen, worlds=options.worlds, seed=options.seed, setting=setting)
    if options.markdown:
        options.markdown.write_text(as_markdown(checks) + "\n", encoding="utf-8")
    if options.as_json:
        about = {
            "scenarios": chosen,
            "setting": setting,
            "worlds": options.worlds,
            "seed": options.seed,
            "aim": list(AIM),
        }
        print_json({**about, "checks": [each.model_dump() for each in checks]})
        return
    out = console(as_json=False)
    out.print(
        table("AUROC of a bag-of-words classifier on masked records (0.5 is chance)", list(COLUMNS), rows(checks))
    )
    outside = [f"{each.first} and {each.second}" for each in checks if not AIM[0] <= each.masked.auroc <= AIM[1]]
    within = (
        "All pairs are within the target range" if not outside else f"Outside the target range: {'; '.join(outside)}"
    )
    out.print(f"{within} of {AIM[0]} to {AIM[1]}. Intervals are at 95%.", markup=False)


def rows(checks: Sequence[MaskCheck]) -> list[list[str]]:
    """Return the cells of the table."""
    return [
        [
            f"{each.first}, {each.second}",
            _shown(each.masked),
            _shown(each.unmasked),
            f"{each.episodes:,}",
            str(each.worlds),
            ", ".join(each.masked.telling) or "none",
        ]
        for each in checks
    ]


def as_markdown(checks: Sequence[MaskCheck]) -> str:
    """Return the table in Markdown."""
    lines = [COLUMNS, ("---",) * len(COLUMNS), *rows(checks)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _shown(found: Separation) -> str:
    return f"{found.auroc:.2f} [{found.low:.2f}, {found.high:.2f}]"
