"""What is asked of a claim before anything is trained: its declaration, seeds, level, attempt."""
