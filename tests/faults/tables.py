"""The tables of docs/faults.md, each between marks of its own."""


def write_table(page, name, lines):
    """Put the lines between the marks of the table of this name.

    Raises:
        ValueError: The page has no such marks.
    """
    begin, end = f"<!-- {name} table: begin -->", f"<!-- {name} table: end -->"
    text = page.read_text(encoding="utf-8")
    before, after = text.partition(begin)[0], text.partition(end)[2]
    if begin not in text or end not in text:
        raise ValueError(f"{page} lacks {begin} or {end}")
    page.write_text(f"{before}{begin}\n\n" + "\n".join(lines) + f"\n\n{end}{after}", encoding="utf-8")
