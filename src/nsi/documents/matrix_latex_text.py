r"""Text from the data as LaTeX: every character that LaTeX gives a meaning is spelled, so that none is a command.

Letters that pdflatex and xelatex both know pass as they are. Any other character becomes ``\uni{4E2D}``, a command of
the file's own head: the character where the font has it, and else its number in brackets, so that nothing is lost.
"""

from __future__ import annotations

import re
import unicodedata

LONG_WORD = re.compile(r"\S{25,}")
PIECE = 12  # characters of a long word after which a line may break
BREAK = "\0"  # stands for that place; no text that is ready for a document holds it
SPELLED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}",
    "[": "{[}", "]": "{]}",  # after a line break they would be its argument
    "*": "{*}", "\n": r"\newline{}", "\t": " ", BREAK: r"\brk{}", "\u00a0": "~", "\u00ad": r"\-",
    "\u2013": r"\textendash{}", "\u2014": r"\textemdash{}", "\u2018": r"\textquoteleft{}",
    "\u2019": r"\textquoteright{}", "\u201c": r"\textquotedblleft{}", "\u201d": r"\textquotedblright{}",
    "\u2026": r"\textellipsis{}", "\u2022": r"\textbullet{}", "\u00b7": r"\textperiodcentered{}",
    "\u00a7": r"\textsection{}", "\u00b0": r"\textdegree{}", "\u00b1": r"\textpm{}", "\u00d7": r"\texttimes{}",
    "\u20ac": r"\texteuro{}", "\u25cf": r"\(\bullet\)", "\u25d4": r"\(\odot\)", "\u25d0": r"\(\oslash\)",
    "\u25cb": r"\(\circ\)", "\u2205": r"\(\emptyset\)", "\u25aa": r"\rule{0.6ex}{0.6ex}", "\u25b3": r"\(\triangle\)",
}  # fmt: skip
# The letters of the T1 encoding beyond ASCII.
LETTERS = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿĂăĄąĆćČčĎďĐđĘęĚěĞğİıĹĺĽľŁłŃńŇňŊŋŐőŒœŔŕŘřŚśŞşŠšŤťŢţŮů"
    "ŰűŸŹźŻżŽž¡¿"
)
# Two of these in a row would melt into one sign: two hyphens into a dash, two commas into a quotation mark.
MELTING = re.compile("(?<=[-,])(?=[-,])")


def latex_text(text: str) -> str:
    r"""Write a text so that LaTeX prints it and does nothing else.

    Parameters
    ----------
    text : str
        Any text that is ready for a document.

    Returns
    -------
    str
        Printable ASCII and `LETTERS`, on one line. Line ends are ``\newline{}``; a word that no line could hold may
        break anywhere.
    """
    whole = unicodedata.normalize("NFC", text)
    parts = MELTING.split(LONG_WORD.sub(_breakable, whole))
    return "{}".join("".join(map(_spelled, part)) for part in parts)


def _breakable(word: re.Match[str]) -> str:
    found = word.group()
    return BREAK.join(found[start : start + PIECE] for start in range(0, len(found), PIECE))


def _spelled(character: str) -> str:
    if character in SPELLED:
        return SPELLED[character]
    if " " <= character <= "~" or character in LETTERS:
        return character
    return rf"\uni{{{ord(character):04X}}}"
