"""What can be read off an exchange without knowing any program."""
