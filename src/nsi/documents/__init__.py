"""Documents: frames and text in, the bytes of an Excel workbook or a Word file out; the same bytes every time."""
