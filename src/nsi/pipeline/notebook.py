"""A notebook is its own declaration: what it reads, writes and takes as parameters is found in its cells."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nsi.errors import StudyError

READS = ("raw", "raw_if_declared", "read", "read_each")
WRITES = ("write", "table", "figure", "document", "worksheet", "number")
NUMBERS = "numbers"  # takes no name: it reads what all other notebooks recorded
SETTINGS = ("setting",)
TYPES = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """One line of the parameters cell."""

    name: str
    type: type
    default: object
    comment: str


@dataclass(frozen=True)
class Call:
    """One call through the door; ``template`` holds parameters in braces."""

    verb: str
    template: str
    cell: int


@dataclass
class Notebook:
    """What a notebook declares.

    Attributes
    ----------
    name : str
        File name without ending.
    title : str
        Its first heading.
    parameters : dict
        Name to :class:`Parameter`, in order.
    calls : list of Call
        Every call through the door.
    imports : set of str
        Modules of nsi that its cells import.
    code : str
        SHA-256 of its code cells: comments and prose do not count, nor does layout.
    text : str
        SHA-256 of every cell's text: what a page shows of it.
    """

    path: Path
    name: str
    title: str
    parameters: dict[str, Parameter]
    code: str
    text: str
    calls: list[Call] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)

    def templates(self, *verbs: str) -> list[str]:
        """Return the names that the given verbs are called with, each once, in order."""
        return list(dict.fromkeys(call.template for call in self.calls if call.verb in verbs))


def read_notebook(path: Path) -> Notebook:
    """Read a notebook's declaration from its cells.

    Parameters
    ----------
    path : Path
        An .ipynb file.

    Returns
    -------
    Notebook
        Found by parsing alone; nothing is run.

    Raises
    ------
    StudyError
        If the file is missing or no notebook, a cell is not plain Python, a name given to the door is neither text
        nor an f-string of parameters, or the parameters cell holds something else than typed defaults.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        cells = [(cell["cell_type"], _joined(cell["source"]), cell.get("metadata", {})) for cell in content["cells"]]
    except FileNotFoundError:
        raise StudyError(
            f"notebooks/{path.name} is missing, but study.yml names it; correct 'run', or add it"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise StudyError(
            f"notebooks/{path.name} is not a notebook that can be read ({error}); open and save it"
        ) from None
    parsed = []
    parameters: dict[str, Parameter] = {}
    for number, (kind, source, metadata) in enumerate(cells, start=1):
        if kind != "code":
            continue
        where = f"notebooks/{path.name} cell {number}"
        tree = _parsed(source, where)
        parsed.append((number, tree))
        if "parameters" in metadata.get("tags", []):
            parameters = _parameters(tree, source, where)
    found = Notebook(
        path=path,
        name=path.stem,
        title=_title([source for kind, source, _ in cells if kind == "markdown"], path.stem),
        parameters=parameters,
        code=_digest([canonical(tree) for _, tree in parsed]),
        text=_digest([[kind, source, sorted(metadata.get("tags", []))] for kind, source, metadata in cells]),
    )
    for number, tree in parsed:
        found.calls += _calls(tree, set(parameters), f"notebooks/{path.name} cell {number}", number)
        found.imports |= set(imported_modules(tree))
    return found


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()


def _parsed(source: str, where: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise StudyError(
            f"{where}, line {error.lineno}: not plain Python ({error.msg}); a line that starts with % or ! cannot be "
            "followed, so move what it does into Python"
        ) from None


def _title(markdown: list[str], fallback: str) -> str:
    for source in markdown:
        heading = re.search(r"^#+\s+(.+?)\s*$", source, flags=re.MULTILINE)
        if heading:
            return heading.group(1)
    return fallback


def canonical(node: object) -> object:
    """Reduce a syntax tree to plain values that are the same on every Python and for every layout."""
    if isinstance(node, ast.AST):
        parts = [[name, canonical(value)] for name, value in ast.iter_fields(node) if value not in (None, [])]
        return [type(node).__name__, *(part for part in parts if part[0] not in ("ctx", "kind", "type_comment"))]
    if isinstance(node, list):
        return [canonical(item) for item in node]
    return repr(node)


def imported_modules(tree: ast.AST) -> Iterator[str]:
    """Yield every module of nsi that a syntax tree imports, and every name that could be one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "nsi")
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "nsi":
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _parameters(tree: ast.Module, source: str, where: str) -> dict[str, Parameter]:
    lines = source.splitlines()
    found = {}
    for statement in tree.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring-like remark
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value):
            raise StudyError(
                f'{where}, line {statement.lineno}: the parameters cell holds lines like  field: str = "value"  '
                "# what it is, and nothing else"
            )
        kind = TYPES.get(ast.unparse(statement.annotation))
        try:
            default = ast.literal_eval(statement.value)
        except ValueError:
            default = None
        name = statement.target.id
        if kind is None or type(default) is not kind:
            raise StudyError(
                f"{where}: parameter '{name}' must be one of {', '.join(TYPES)}, with a default of that type"
            )
        comment = lines[(statement.end_lineno or 1) - 1].partition("#")[2].strip()
        found[name] = Parameter(name, kind, default, comment)
    return found


def _calls(tree: ast.Module, parameters: set[str], where: str, cell: int) -> list[Call]:
    found = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = node.func.value
        if not (isinstance(owner, ast.Name) and owner.id == "study"):
            continue
        if node.func.attr == NUMBERS:
            found.append((node.lineno, Call(NUMBERS, "", cell)))
        elif node.func.attr in READS + WRITES + SETTINGS:
            place = f"{where}, line {node.lineno}: study.{node.func.attr}"
            found.append((node.lineno, Call(node.func.attr, _template(node, parameters, place), cell)))
    return [call for _, call in sorted(found, key=lambda item: item[0])]


def _template(node: ast.Call, parameters: set[str], place: str) -> str:
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    first = node.args[0] if node.args else named.get("name") or named.get("template")
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        if "{" in first.value and node.func.attr != "read_each":  # type: ignore[attr-defined]
            raise StudyError(
                f"{place} is called with {first.value!r}; write f before the quote, so that the name is filled in"
            )
        return first.value
    if isinstance(first, ast.JoinedStr):
        parts = [_part(value, parameters) for value in first.values]
        if None not in parts:
            return "".join(str(part) for part in parts)
    raise StudyError(
        f"{place} needs its name written out, or an f-string of parameters "
        f"({', '.join(sorted(parameters)) or 'none here'}), "
        "because the pipeline finds out what a notebook reads and writes without running it"
    )


def _part(value: ast.expr, parameters: set[str]) -> str | None:
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.FormattedValue) and value.conversion == -1 and value.format_spec is None:
        inner = value.value
        if isinstance(inner, ast.Name) and inner.id in parameters:
            return "{" + inner.id + "}"
    return None
