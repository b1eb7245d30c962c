"""One figure that is not the same in two results: its picture, its words, the table that it was drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from nsi.pipeline.diff_entries import ADDED, CHANGED, FORM, REMOVED, Entry, table_change, table_told
from nsi.pipeline.diff_pictures import PictureChange, alt_text, compare_pictures
from nsi.pipeline.diff_runs import Causes
from nsi.pipeline.diff_source import Result
from nsi.pipeline.diff_tables import TableChange
from nsi.pipeline.diff_values import joined

FORMS = ("svg", "png", "pdf")  # a picture comes in several forms
DATA = "csv"  # and with the table it was drawn from
Pair = tuple[bytes | None, bytes | None]


@dataclass(frozen=True)
class Figure:
    """The files of one figure in two results: ending to content before and now."""

    pairs: Mapping[str, Pair]

    @property
    def differing(self) -> list[str]:
        """Endings of the files that are not the same."""
        return [ending for ending, (before, now) in self.pairs.items() if before != now]

    @property
    def present(self) -> tuple[bool, bool]:
        """Whether the first and the second result has any of it."""
        pairs = self.pairs.values()
        return any(old is not None for old, _ in pairs), any(new is not None for _, new in pairs)

    @cached_property
    def alts(self) -> tuple[str, str]:
        """The words that stand for the picture, before and now."""
        before, now = self.pairs["svg"]
        return alt_text(before), alt_text(now)

    @cached_property
    def picture(self) -> PictureChange | None:
        """How the pictures differ; None where both are the same bytes, or one is not there."""
        before, now = self.pairs["png"]
        return compare_pictures(before, now) if before and now and before != now else None

    @cached_property
    def table(self) -> TableChange | None:
        """How the tables differ; None where they are the same bytes, or one is not there or no table."""
        before, now = self.pairs[DATA]
        return table_change(before, now) if before and now and before != now else None

    @property
    def changed(self) -> bool:
        """Whether more differs than the way in which the same picture and data are written."""
        unread = DATA in self.differing and self.table is None
        # Not equal to 0: of one that cannot be read the share is NaN, and then nobody knows that they are the same.
        repainted = self.picture is not None and self.picture.share != 0
        unseen = self.pairs["png"] == (None, None)
        came_or_went = any((before is None) != (now is None) for before, now in self.pairs.values())
        recounted = self.table is not None and self.table.differ
        return unread or repainted or unseen or came_or_went or recounted or self.alts[0] != self.alts[1]

    def told(self) -> str:
        """Say in a few words what differs."""
        told = _picture_told(self.picture) if self.picture is not None and self.picture.share != 0 else []
        told += [f"its data: {table_told(self.table)}"] if self.table else []
        told += ["its words"] if self.alts[0] != self.alts[1] else []
        for word, side in (("new", 0), ("gone", 1)):
            told += [f"{kind} {word}" for kind, pair in self.pairs.items() if pair[side] is None and any(pair)]
        same = "" if self.changed else "the same picture and data, "
        return joined(told) or f"{same}other bytes ({', '.join(self.differing)})"


def figure_entry(name: str, old: Result, new: Result, causes: Causes) -> Entry | None:
    """Compare a figure, named by its path without the ending; None where every file of it is the same."""
    files = {kind: f"{name}.{kind}" for kind in (*FORMS, DATA)}
    figure = Figure({kind: (old.files.get(file), new.files.get(file)) for kind, file in files.items()})
    if not figure.differing:
        return None
    run, why = causes.why(*(files[kind] for kind in figure.differing))
    before, now = figure.present
    both = before and now
    return Entry(
        name=name,
        state=(CHANGED if figure.changed else FORM) if both else REMOVED if before else ADDED,
        told=figure.told() if both else ", ".join(figure.differing),
        run=run,
        why=why,
        table=figure.table,
        picture=figure.picture,
        old_png=figure.pairs["png"][0] or b"",
        new_png=figure.pairs["png"][1] or b"",
        old_alt=figure.alts[0],
        new_alt=figure.alts[1],
    )


def stem(name: str) -> str:
    """Give the path of a file without its ending."""
    return str(PurePosixPath(name).with_suffix(""))


def ending(name: str) -> str:
    """Give the ending of a file in small letters, without the dot."""
    return PurePosixPath(name).suffix[1:].lower()


def _picture_told(picture: PictureChange) -> list[str]:
    if not picture.share > 0:
        return ["a picture cannot be read"]
    told = [f"{percent_of(picture.share)} of the picture differs"]
    if picture.old_size != picture.new_size:
        told.append("size {} x {} to {} x {}".format(*picture.old_size, *picture.new_size))
    return told


def percent_of(share: float) -> str:
    """Write a share in percent; a little is not nothing."""
    return "under 0.01%" if share < 1e-4 else f"{100 * share:.3g}%"
