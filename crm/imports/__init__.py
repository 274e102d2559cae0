"""Reading files of students as offices export them: from bytes to rows of checked values. Writing is an action."""
