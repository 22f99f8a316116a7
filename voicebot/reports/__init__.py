"""Reports: a library of definitions, made from facts alone, shown on a page and written as CSV, XLSX and PDF."""
