"""Administration at the screen: who runs this device, and what each of them may do; refuses more than a command may."""
