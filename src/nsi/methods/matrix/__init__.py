"""Cross-case matrices that keep their evidence: every cell has a state in words and knows the segments beneath it.

Frames go in (`Material`), a plan says what rows, columns and cells are (`Plan`), and one `Matrix` comes out, whatever
the display. What it looks like on paper is for those who render it.
"""

from nsi.methods.matrix.badges import agreement_on, badges
from nsi.methods.matrix.case_displays import (
    case_ratings,
    contrast,
    predictor_outcome,
    shown_by_case,
    variable_by_variable,
)
from nsi.methods.matrix.case_tables import case_table
from nsi.methods.matrix.displays import DISPLAYS, draw_up, for_statistics
from nsi.methods.matrix.evidence import cell_counts, evidence
from nsi.methods.matrix.material import Material
from nsi.methods.matrix.matrix import CELLS, COLUMNS, EVIDENCE, ROWS, STATES, Matrix, matrix_tables
from nsi.methods.matrix.ordering import cuts_between_bands, ordered_rows, rank_mark
from nsi.methods.matrix.plan import Attribute, Axis, Bound, CodeEntry, Level, Plan, SetRule, plan_of
from nsi.methods.matrix.rated_units import RatedUnits, rated_units
from nsi.methods.matrix.ratings import MEASURES, rated, rule_in_words
from nsi.methods.matrix.segment_displays import (
    case_ordered,
    checklist,
    clustered,
    effects,
    role_ordered,
    summary,
    time_ordered,
)
from nsi.methods.matrix.set_membership import memberships, truth_table_csv
from nsi.methods.matrix.settling import coded_documents, settled
from nsi.methods.matrix.states import cell_states
from nsi.methods.matrix.truth_table import configurations, truth_table
from nsi.methods.matrix.typical import typical_codes

__all__ = [
    "CELLS",
    "COLUMNS",
    "DISPLAYS",
    "EVIDENCE",
    "MEASURES",
    "ROWS",
    "STATES",
    "Attribute",
    "Axis",
    "Bound",
    "CodeEntry",
    "Level",
    "Material",
    "Matrix",
    "Plan",
    "RatedUnits",
    "SetRule",
    "agreement_on",
    "badges",
    "case_ordered",
    "case_ratings",
    "case_table",
    "cell_counts",
    "cell_states",
    "checklist",
    "clustered",
    "coded_documents",
    "configurations",
    "contrast",
    "cuts_between_bands",
    "draw_up",
    "effects",
    "evidence",
    "for_statistics",
    "matrix_tables",
    "memberships",
    "ordered_rows",
    "plan_of",
    "predictor_outcome",
    "rank_mark",
    "rated",
    "rated_units",
    "role_ordered",
    "rule_in_words",
    "settled",
    "shown_by_case",
    "summary",
    "time_ordered",
    "truth_table",
    "truth_table_csv",
    "typical_codes",
    "variable_by_variable",
]
