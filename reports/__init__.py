"""How a verdict is shown: the document, its page, and the console command."""
