"""How notebooks are run: the graph, the lock, the kernels, the pages."""

import sys

# papermill, nbformat and nbconvert reach jsonschema's check of internationalised addresses, whose grammar takes two
# seconds to build and is used by no notebook. jsonschema leaves the check out where the package is absent, so it is
# made absent here, before anything can import it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
