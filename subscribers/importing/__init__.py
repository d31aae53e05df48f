"""A sheet of people becomes subscribers: read, recognise columns, check rows, compare with the list, write, report, undo.

May import the rest of `subscribers`; the command line, the task and later the editors' desk call `running`, `report` and `undo`.
"""
