"""Tests of the commands over the register."""
