"""Tests of defects as data."""
