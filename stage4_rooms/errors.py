"""Stage 4's errors: what rooms may refuse, beside the common refusals."""

from stage1_echo import CourseError


class RoomError(CourseError):
    """Stage 4 could not do what was asked."""


class RoomExists(RoomError):
    """A room of this name, or one that only looks different, is there already."""
