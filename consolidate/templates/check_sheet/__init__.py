"""The live sheet "Kiểm tra" of a template: what is wrong, said while it is filled in."""
