"""The Excel add-in of the inspectorate: built from text, driven by xlwings, holding no rule."""
