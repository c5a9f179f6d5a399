"""Pure state machines of the screens: values and `now` in, values out; no clock, no Qt, no I/O."""
