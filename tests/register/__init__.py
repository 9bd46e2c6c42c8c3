"""Tests of consolidate.register."""
