"""One file per step, never changed after it went out; there is no way back but a backup."""
