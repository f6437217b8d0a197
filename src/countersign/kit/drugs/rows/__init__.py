"""The rows of the table of names: one substance a line, by ATC's main groups.

English name | Chinese name | ATC codes | further spellings | brands | RxNorm ingredient. The names
are WHO's international nonproprietary names (with the United States' names as spellings) and
those of the Chinese approved drug names; the codes are WHO's ATC index. A slash parts several in one cell. Written 2026-11-26.
"""
