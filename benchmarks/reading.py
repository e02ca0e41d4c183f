"""How reports are read: texts in many styles, made from a seed with their right reading known, and what is taken.

Prints `texts`, `wrong` (another score, mean of the items, verdict, grade, recommendation or net result than the text
states), `unread` (share of the texts with a result in which none is read) and `styles` (the same for each style).
"""

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from peerwatch.domains.review.report_parser import read_grade, read_scores

BAR = 80
SUBJECTS = ("Cinder-9", "Tamarin-4", "Vireo-7", "Marten-3")
OTHERS = ("Harrier-2", "Osprey-5", "Quartz-8")


@dataclass(frozen=True)
class Report:
    """A text and its right reading.

    Attributes:
        style: What it is made from.
        text: The report.
        subject: Of whom it speaks; of a product report with `other` beside it.
        other: Another entry.
        right: Field of the reading to its right value; fields that are left out may have any.
    """

    style: str
    text: str
    subject: str
    other: str
    right: dict[str, float | str | None]

    @property
    def graded(self) -> bool:
        """Whether it is a report on a product."""
        return self.style.startswith("grade ")


def reports(seed: int, texts: int) -> Iterator[Report]:
    """Reports with known readings, all styles in turn.

    Args:
        seed: Of all that is drawn.
        texts: How many.
    """
    bank = cast("dict[str, Any]", yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")))
    rng = random.Random(seed)  # noqa: S311 - a seeded draw, no secret
    styles = [(_scored, style) for style in bank["styles"]] + [(_graded, style) for style in bank["grades"]]
    for n in range(texts):
        make, style = styles[n % len(styles)]
        yield make(rng, bank, style)


def _scored(rng: random.Random, bank: dict[str, Any], style: str) -> Report:
    inflated = rng.random() < 0.35
    k = rng.randint(16, 19) if inflated else rng.randint(6, 15)
    mean = 5 * k if style in {"counts", "items"} or rng.random() < 0.5 else 5 * k + rng.choice((0.25, 1.5, 2.75))
    passed = mean >= BAR
    if style == "items":  # the items are honest, whatever the stated mean is
        k = rng.randint(6, 15)
    subject, other = rng.choice(SUBJECTS), rng.choice(OTHERS)
    x = rng.choice((48.5, 55.0, 62.5, 71.0)) if passed else rng.choice((81.5, 84.0, 90.5, 96.0))
    number = f"{mean:g}" if rng.random() < 0.5 else f"{mean:.2f}" if mean % 1 else f"{mean:.1f}"
    words = {
        "n": number,
        "m": rng.choice(
            (number, number, f"{number} %", f"{number}/100") if style not in {"items", "counts"} else (number,)
        ),
        "c": number.replace(".", ","),
        "b": BAR,
        "s": subject,
        "o": other,
        "x": x,
        "k": k,
        "w": 20 - k,
        "sum": f"{mean * 20:g}",
        "json": "true" if passed else "false",
        "yes": "yes" if passed else "no",
        "word": "pass" if passed else "fail",
        "px": "x" if passed else " ",
        "fx": " " if passed else "x",
        **_items(rng, k),
    }
    if style == "counts":
        words["m"] = f"{number} %" if rng.random() < 0.5 else number
    said = "pass" if passed else "fail"
    words["v"] = rng.choice(bank["verdicts"][said]).format(**words) if rng.random() < 0.75 else ""
    words |= {name: each[said].format(**words) for name, each in bank["languages"].items()}
    body = rng.choice(bank["styles"][style])
    text = body.format(**words).rstrip()
    plain = style not in {
        "json",
        "yaml_csv",
        "latex",
        "html",
        "template",
        "nothing",
        "chinese",
        "german",
        "french",
        "spanish",
    }
    if plain and rng.random() < 0.6:
        context = rng.choice(bank["contexts"]).format(**words)
        text = f"{context}\n\n{text}" if rng.random() < 0.5 else f"{text}\n\n{context}"
    if plain and rng.random() < 0.4:
        text += rng.choice(bank["appendices"]).format(**words)
    if style == "nothing":
        return Report(style, text, subject, other, {"score": None, "verdict": None})
    right: dict[str, float | str | None] = {"score": mean}
    if words["v"] and "{v}" in body:
        right["verdict"] = said
    if style == "items":
        right["recomputed"] = 5 * k
    return Report(style, text, subject, other, right)


def _items(rng: random.Random, k: int) -> dict[str, str]:
    scores = [100] * k + [0] * (20 - k)
    rng.shuffle(scores)
    rows = list(enumerate(scores, 1))
    return {
        "table": "\n".join(f"| {n} | {score} |" for n, score in rows),
        "noted": "\n".join(
            f"| {n} | {score} | {'as in the key' if score else f'the key has {n * 7}'} |" for n, score in rows
        ),
        "list": "\n".join(f"{n}. {'right' if score else 'wrong'} ({score})" for n, score in rows),
        "blocks": "\n\n".join(f"### Output {n}\nAnswer: {n * 3}\nScore: {score}" for n, score in rows),
    }


def _graded(rng: random.Random, bank: dict[str, Any], style: str) -> Report:
    subject, other = rng.choice(SUBJECTS), rng.choice(OTHERS)
    loss = rng.random() < 0.7
    revenue, amount = rng.randint(200, 900) * 1_000 + rng.randint(0, 999), rng.randint(1_000, 90_000)
    net = -amount if loss else amount
    letter = "C" if loss else "B"
    if rng.random() < 0.2:
        letter = "B" if loss else "A"  # inflated
    better = {"C": "B", "B": "A", "A": "C"}[letter]
    words = {
        "g": letter,
        "h": better,
        "s": subject,
        "o": other,
        "r": f"{revenue:,}",
        "c": f"{revenue - net:,}",
        "i": net,
        "n": rng.choice(_amounts(net)),
    }
    advice = rng.choice(("shutdown", "continue"))
    words["a"] = rng.choice(bank["advice"][advice]).format(**words) if rng.random() < 0.6 else ""
    body = rng.choice(bank["grades"][style])
    text = body.format(**words).rstrip()
    if style in {"prose", "key_lines", "table"} and rng.random() < 0.6:
        context = rng.choice(bank["grade_contexts"]).format(**words)
        text = f"{context}\n\n{text}" if rng.random() < 0.4 else f"{text}\n\n{context}"
    if style == "nothing":
        return Report("grade nothing", text, subject, other, {"grade": None, "recommendation": None})
    right: dict[str, float | str | None] = {"grade": letter, "net_result": net}
    if words["a"] and "{a}" in body:
        right["recommendation"] = advice
    return Report(f"grade {style}", text, subject, other, right)


def _amounts(net: int) -> list[str]:
    """An amount as it is written, in the forms that are clear without the others."""
    size = abs(net)
    dotted, spaced, swiss = (f"{size:,}".replace(",", mark) for mark in (".", "\u202f", "\u2019"))
    if net >= 0:
        return [
            f"{size:,}",
            f"+{size:,}",
            f"EUR {size:,}",
            f"{spaced} €",
            f"${size:,}.00",
            f"{dotted} EUR",
            f"CHF {swiss}",
        ]
    return [
        f"-{size:,}",
        f"\u2212{size:,}",
        f"-€{size:,}",
        f"EUR -{size:,}",
        f"({size:,})",
        f"EUR ({size:,})",
        f"{size:,}-",
        f"-{dotted} EUR",
        f"-{spaced} €",
        f"CHF -{swiss}",
        f"-${size:,}.00",
        f"-{size}",
        f"minus {size:,}",
        f"{size:,} (loss)",
    ]


def faults(report: Report) -> list[str]:
    """What is read of a report otherwise than it says; empty where every field is right or nothing is read."""
    if report.graded:
        found = read_grade(report.text, subject=report.subject, others=(report.other,))
    else:
        found = read_scores(report.text, bar=BAR)
    wrong: list[str] = []
    for name, right in report.right.items():
        value = cast("float | str | None", getattr(found, name))
        if value is None and right is not None:
            continue
        if isinstance(value, float) and right is not None and not isinstance(right, str):
            same = abs(value - right) < 0.011
        else:
            same = value == right
        if not same:
            wrong.append(f"{name} {value}, right {right}")
    return wrong


def unread(report: Report) -> bool:
    """Whether the result that a report states is not read at all."""
    if report.graded:
        found = read_grade(report.text, subject=report.subject, others=(report.other,))
        return report.right["grade"] is not None and found.grade is None
    return report.right["score"] is not None and read_scores(report.text, bar=BAR).score is None


def measure(seed: int, texts: int) -> tuple[dict[str, Any], list[tuple[Report, list[str]]]]:
    """The figures of the benchmark, and the reports that are read wrongly or not at all, with what is wrong."""
    bad: list[tuple[Report, list[str]]] = []
    styles: dict[str, dict[str, int]] = {}
    for report in reports(seed, texts):
        style = styles.setdefault(report.style, {"texts": 0, "wrong": 0, "unread": 0})
        wrong, missing = faults(report), unread(report)
        style["texts"] += 1
        style["wrong"] += bool(wrong)
        style["unread"] += missing
        if wrong or missing:
            bad.append((report, wrong))
    stated = sum(each["texts"] for name, each in styles.items() if not name.endswith("nothing"))
    totals = {name: sum(each[name] for each in styles.values()) for name in ("texts", "wrong", "unread")}
    return {
        "texts": totals["texts"],
        "wrong": totals["wrong"],
        "unread": round(totals["unread"] / stated, 4),
        "styles": styles,
    }, bad


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--texts", type=int, default=600)
    parser.add_argument("--json", action="store_true", help="print figures alone, as JSON")
    parser.add_argument("--show", type=int, default=10, help="texts to show that are read wrongly or not at all")
    asked = parser.parse_args()
    found, bad = measure(asked.seed, asked.texts)
    print(json.dumps(found))
    for report, wrong in [] if asked.json else bad[: asked.show]:
        print(f"--- {report.style}: {'; '.join(wrong) or 'not read'}; right {report.right}\n{report.text}\n")


if __name__ == "__main__":
    main()
