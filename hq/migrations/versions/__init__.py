"""One file for each step, in the order of their numbers; refuses to change a step that was released: add one."""
