"""A face is enrolled at the screen: who, their own yes, the camera, the trial, a PIN; refuses to skip one of them."""
