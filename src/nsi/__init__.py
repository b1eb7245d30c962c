"""A reproducible compendium for studies of networks for school improvement.

A notebook needs one name from here: ``study = nsi.open_study()``. Everything else is imported from the
wing that holds it: ``nsi.readers``, ``nsi.methods``, ``nsi.figures``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nsi.errors import StudyError

if TYPE_CHECKING:
    from nsi.study import Study

__all__ = ["StudyError", "open_study"]


def open_study() -> Study:
    """Open the study that this run, or this folder, is about.

    Returns
    -------
    Study
        The one door to files: it reads, writes and knows what the study declares.

    Raises
    ------
    StudyError
        If no study can be found, or its declaration has a mistake.
    """
    # Imported here because pandas takes half a second, and the pipeline asks this package much smaller questions.
    from nsi.study import Study

    return Study.open()
