"""One small module per command, imported only when the command is called."""
