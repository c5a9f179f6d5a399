"""The steps by which HQ's schema came to be what it is; refuses to be run by anything but hq/schema.py."""
