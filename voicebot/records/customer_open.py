"""Opens a customer file of any kind that is known, by what is in it and not by its name."""

from pathlib import Path

from voicebot.errors import ImportRefused
from voicebot.records.customer_csv import open_csv
from voicebot.records.customer_file import ImportPlan, Sheet, read_content
from voicebot.records.customer_json import open_json
from voicebot.records.customer_xlsx import is_workbook, open_xlsx


def open_sheet(source: Path, plan: ImportPlan) -> Sheet:
    """CSV, JSON or XLSX. Raises ImportRefused where it is anything else."""
    content = read_content(source)
    if is_workbook(content):
        return open_xlsx(source.name, content, plan)
    if plan.sheet:
        raise ImportRefused(f"{source.name}: only a workbook has sheets; leave --sheet out")
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{"):
        return open_json(source.name, content, plan)
    return open_csv(source.name, content, plan)
