"""The rules of language models at work: what is compared, what it costs, what is sure enough."""
