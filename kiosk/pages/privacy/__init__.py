"""The data-protection officer's desk at the screen: the same acts as the commands; refuses to act for anybody else."""
