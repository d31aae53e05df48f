"""`ukebrev demo`: one issue from its text to the inboxes of every segment, with the real parts, on this machine alone.

May import every stage. It touches no server that a setting names.
"""
