"""What a look-alike survey is drawn from: its items, who is asked which, and the columns of each wave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nsi.codebook import Codebook, Field
from nsi.synthetic.draws import Draws


@dataclass(frozen=True)
class Item:
    """One item: its scale, the codebook field of its answers, and the roles that are asked (none named: all)."""

    name: str
    scale: str
    answers: Field
    reverse: bool
    asked_of: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Plan:
    """All that a look-alike survey is drawn from.

    Attributes
    ----------
    declared : mapping
        ``surveys`` of the assumptions.
    codebook : Codebook
        Roles, consent and answers, each with its codes.
    seed : int
        The study's seed.
    items : tuple of Item
        In the order of the questionnaire.
    columns : dict
        Wave to item to its column in that wave's export, in the order of the export.
    """

    declared: Mapping[str, Any]
    codebook: Codebook
    seed: int
    items: tuple[Item, ...]
    columns: dict[str, dict[str, str]]

    def draws(self, copy: int, *purpose: str) -> Draws:
        """Give the stream of one purpose in one copy of the set of cases (the first is 1)."""
        return Draws(self.seed, "surveys", str(copy), *purpose)

    @cached_property
    def waves(self) -> list[str]:
        """Waves in order of time."""
        return list(self.declared["waves"])

    @cached_property
    def roles(self) -> list[str]:
        """Roles in the order of the codebook."""
        return self.codebook[self.declared["fields"]["role"]].values

    @cached_property
    def scales(self) -> list[str]:
        """Scales in declared order."""
        return list(self.declared["scales"])

    @cached_property
    def scale_of(self) -> NDArray[np.intp]:
        """The place of each item's scale."""
        return np.array([self.scales.index(item.scale) for item in self.items])

    @cached_property
    def asked(self) -> NDArray[np.bool_]:
        """Role by item: whether this role is asked this item."""
        return np.array([[not item.asked_of or role in item.asked_of for item in self.items] for role in self.roles])

    @cached_property
    def reverse(self) -> NDArray[np.bool_]:
        """Whether each item is keyed in reverse."""
        return np.array([item.reverse for item in self.items])
