"""The list, or an audience of it, as a file that others can read and that the import reads back.

May import the rest of `subscribers`; the command line and later the editors' desk call `files.export`.
"""
