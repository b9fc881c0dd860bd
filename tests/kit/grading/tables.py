"""A CSV file of somebody else's, changed in some cells and byte for byte the same elsewhere.

The csv module forgets how a cell was quoted, which line ends there were, and whether the file
began with a byte order mark. Here each cell keeps its own bytes until it is set.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from ..failure import HarnessError

BOM = "\ufeff"
DELIMITERS = ",;\t"
# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet calculates: one like a formula begins with an apostrophe"""
    if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA[:4]):
        return "'" + text
    return text


@dataclass
class Record:
    """A row: its cells as they stand in the file, quotes included, and its line end."""

    cells: list[str]
    end: str


class Table:
    """The rows of a file; ``rows[0]`` is the header."""

    def __init__(self, text: str, delimiter: str) -> None:
        self.delimiter = delimiter
        self._bom = BOM if text.startswith(BOM) else ""
        self.rows = _split(text.removeprefix(BOM), delimiter)

    @classmethod
    def read(cls, path: Path) -> "Table":
        """Read a file; raises HarnessError for what is no UTF-8 or no table."""
        try:
            text = path.read_bytes().decode("utf-8")
        except OSError as error:
            raise HarnessError(f"cannot read {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise HarnessError(
                f"{path} is not UTF-8 (byte {error.start}): take it as it was downloaded, a "
                "spreadsheet may have saved it in another way"
            ) from error
        first = text.removeprefix(BOM).partition("\n")[0]
        delimiter = max(DELIMITERS, key=first.count)
        table = cls(text, delimiter)
        if len(table.rows) < 2 or len(table.rows[0].cells) < 2:
            raise HarnessError(f"{path} is no table: it has no rows, or only one column")
        return table

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return [_value(cell) for cell in self.rows[0].cells]

    def value(self, row: int, column: int) -> str:
        """Return a cell's text, "" where the row is too short."""
        cells = self.rows[row].cells
        return _value(cells[column]) if column < len(cells) else ""

    def column(self, column: int, first: int = 1) -> list[str]:
        """Return a column's texts from row ``first`` on."""
        return [self.value(row, column) for row in range(first, len(self.rows))]

    def set(self, row: int, column: int, text: str) -> None:
        """Write a text into a cell, quoted if it has to be, and harmless in a spreadsheet."""
        cells = self.rows[row].cells
        while len(cells) <= column:
            cells.append("")
        made = io.StringIO()
        csv.writer(made, delimiter=self.delimiter).writerow([safe_cell(text)])
        cell = made.getvalue().removesuffix("\r\n")
        was_quoted = cells[column].startswith('"') and not cell.startswith('"')
        cells[column] = f'"{cell}"' if was_quoted else cell

    def as_bytes(self) -> bytes:
        """Return the file."""
        lines = (self.delimiter.join(row.cells) + row.end for row in self.rows)
        return (self._bom + "".join(lines)).encode()


def _split(text: str, delimiter: str) -> list[Record]:
    """Split a text into rows and cells without losing a character."""
    rows: list[Record] = []
    cells: list[str] = []
    start = at = 0
    is_quoted = False
    while at < len(text):
        character = text[at]
        if character == '"':
            is_quoted = not is_quoted  # a doubled one ends and begins a quotation: no difference
        elif not is_quoted and character == delimiter:
            cells.append(text[start:at])
            start = at + 1
        elif not is_quoted and character in "\r\n":
            end = "\r\n" if text.startswith("\r\n", at) else character
            rows.append(Record([*cells, text[start:at]], end))
            cells, at = [], at + len(end)
            start = at
            continue
        at += 1
    if cells or start < len(text):
        rows.append(Record([*cells, text[start:]], ""))
    return rows


def _value(cell: str) -> str:
    text = cell.strip(" ") if cell.strip(" ").startswith('"') else cell
    if len(text) >= 2 and text.startswith('"') and text.endswith('"'):
        return text[1:-1].replace('""', '"')
    return text
