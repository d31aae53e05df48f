"""How big a sheet may be. Beyond this it is a mistake or an attack; a sheet of a million people stays well below."""

MOST_BYTES = 512 * 1024 * 1024
# With the heading and empty lines. Excel ends at 1,048,576.
MOST_ROWS = 5_000_000
MOST_COLUMNS = 200
# Characters of one line of text, and lines of one row: a quotation mark that is never closed swallows the rest.
LONGEST_LINE = 1_000_000
MOST_LINES_OF_A_ROW = 100
# Characters of a cell that are looked at.
LONGEST_CELL = 10_000

# Of an .xlsx, unpacked, in bytes: everything, the table of texts, any other part (styles, relations).
MOST_UNPACKED = 2 * 1024 * 1024 * 1024
MOST_SHARED_TEXTS = 256 * 1024 * 1024
MOST_OF_A_PART = 32 * 1024 * 1024
# How much smaller a ZIP may make a part bigger than a megabyte; real sheets are at 5 to 40.
HIGHEST_RATIO = 200
MOST_PARTS = 5_000
