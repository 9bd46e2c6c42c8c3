"""What a province keeps by hand: the workspace, roster, calendar, corrections, passwords."""
