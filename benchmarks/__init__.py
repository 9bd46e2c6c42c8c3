"""Speed and memory as ratios, side by side with what people would write instead."""
