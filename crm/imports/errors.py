"""What a file or a row is refused with."""

from crm.errors import Invalid


class UnreadableFile(Invalid):
    """The file as a whole cannot be read; the sentence says why and what helps."""

    code = "unreadable_file"


class Rejected(Exception):
    """This row cannot be taken; the sentence says why."""
