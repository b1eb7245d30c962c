"""How a coder reads a unit: the drawn label, blurred as declared; and how two readings are settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nsi.codebook import Codebook
from nsi.synthetic.draws import Draws
from nsi.synthetic.tables import Row, weights

AGREED, DISCUSSED, ADJUDICATED = "agreed", "discussed", "adjudicated"


@dataclass(frozen=True)
class Label:
    """What one coder writes for one unit and field; empty text where the coder left the cell blank."""

    primary: str
    secondary: str = ""


SKIPPED = Label("")


@dataclass(frozen=True)
class Settled:
    """The label on which a double-coded unit was settled, by which rule, and why it had to be changed."""

    label: Label
    rule: str
    reason: str


@dataclass
class Unit:
    """One row of the coded table on its way through the coding."""

    row: Row
    round: str
    coders: list[str]
    readings: dict[str, dict[str, Label]] = field(default_factory=dict)  # field -> coder -> label
    settled: dict[str, Settled] = field(
        default_factory=dict
    )  # field -> settled label, for double-coded units only

    def final(self, name: str) -> Label:
        """Give the settled label where two coded, else the one coder's label."""
        return self.settled[name].label if name in self.settled else self.readings[name][self.coders[0]]


@dataclass(frozen=True)
class Field:
    """One rated field: its declaration, and the declaration of its secondary column, if it has one."""

    name: str
    spec: Mapping[str, Any]
    secondary: str = ""
    secondary_spec: Mapping[str, Any] = field(default_factory=dict)

    @property
    def absent(self) -> str:
        """The code for "looked for a secondary, found none"; empty where the field has no secondary."""
        return str(self.secondary_spec.get("otherwise", ""))

    def true_label(self, row: Row) -> Label:
        """Give the drawn label, before any coder blurs it."""
        return Label(row[self.name], row[self.secondary] if self.secondary else "")

    def added(self, row: Row, primary: str, codebook: Codebook, draws: Draws) -> str:
        """Draw a secondary code for a unit that has none."""
        return draws.pick(weights(self.secondary, self.secondary_spec, {**row, self.name: primary}, codebook))


def read_unit(unit: Unit, rated: Field, codebook: Codebook, draws: Draws) -> None:
    """Draw what each of a unit's coders writes for one field.

    Parameters
    ----------
    unit : Unit
        Gets its ``readings`` for this field.
    rated : Field
        With its accuracy per round and where errors go.
    codebook : Codebook
        For the order of codes.
    draws : Draws
        The field's own stream.
    """
    truth = rated.true_label(unit.row)
    unit.readings[rated.name] = {}
    for coder in unit.coders:
        primary = truth.primary
        if not draws.happens(rated.spec["accuracy"][unit.round]):
            primary = draws.pick(rated.spec["errors_given"][primary])
        # a coder who takes the secondary for the primary takes the primary for the secondary
        secondary = truth.primary if primary == truth.secondary else truth.secondary
        if rated.secondary and len(unit.coders) > 1:
            secondary = _blurred(unit.row, rated, primary, secondary, codebook, draws)
        unit.readings[rated.name][coder] = Label(primary, secondary)


def _blurred(row: Row, rated: Field, primary: str, secondary: str, codebook: Codebook, draws: Draws) -> str:
    errors = rated.spec["secondary"]
    if secondary != rated.absent:
        return rated.absent if draws.happens(errors["missed"]) else secondary
    return rated.added(row, primary, codebook, draws) if draws.happens(errors["added"]) else secondary


def settle(unit: Unit, rated: Field, declared: Mapping[str, Any], draws: Draws) -> None:
    """Settle a double-coded unit: what both wrote, else the drawn label, with a rule and a reason.

    Parameters
    ----------
    unit : Unit
        Gets its ``settled`` label for this field.
    rated : Field
        The field.
    declared : mapping
        ``discussed`` (share settled by the two coders where one was right), ``reasons``,
        ``reason_if_missing``.
    draws : Draws
        The field's own stream.
    """
    labels = [unit.readings[rated.name][coder] for coder in unit.coders]
    if len(set(labels)) == 1 and SKIPPED not in labels:
        unit.settled[rated.name] = Settled(labels[0], AGREED, "")
        return
    truth = rated.true_label(unit.row)
    rule = DISCUSSED if truth in labels and draws.happens(declared["discussed"]) else ADJUDICATED
    only_missing = SKIPPED in labels or len({label.primary for label in labels}) == 1
    reason = declared["reason_if_missing"] if only_missing else draws.pick(declared["reasons"])
    unit.settled[rated.name] = Settled(truth, rule, reason)
